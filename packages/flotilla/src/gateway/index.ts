export { type AuthConfig, type GatewayConfig, type GatewayConfigOptions, parseGatewayConfig } from './config.ts';
export type { Method } from './config-fields.ts';
export type { GatewayConfigProblem } from './config-section.ts';
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export { createOwnAnswers, type OwnAnswers, type OwnAnswersOptions } from './own-answers.ts';
export type { Segment } from './path-pattern.ts';
export type { RouteConfig } from './route-config.ts';
