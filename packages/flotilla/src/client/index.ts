export { asUnsent, type Attempt, attempt, isDeclared, isUnsent, markDeclared } from './attempt.ts';
export type { Calling, CallOptions, Client, Clients, StreamOptions, Telling } from './client.ts';
export type { CallerContext } from './context.ts';
export {
  type ClientFactoryOptions,
  type ClientOptions,
  type ClientsOptions,
  createClient,
  createClientFactory,
  createClients,
} from './create.ts';
export { callPolicy, effectivePolicy, type Policies, type PolicyLevel, type ServicePolicies } from './policies.ts';
export { createUpstreams, type Upstreams, type UpstreamsOptions } from './upstreams.ts';
export { policiesSchema } from './policies-schema.ts';
export { type OpenOptions, openStream, type OpenStream } from './open-stream.ts';
export { pickFrom, type Route, tryAt } from './route.ts';
