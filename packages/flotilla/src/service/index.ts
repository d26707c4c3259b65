export type { BaseContext, CommandContext, PrepareContext, QueryContext, TransactionContext } from './context.ts';
export type { LeadContext } from './lead-context.ts';
export {
  type AnyHandler,
  type Handlers,
  type LeaderDefinition,
  type ServiceBuilder,
  type ServiceDefinition,
  type ServiceSpec,
  service,
  type TwoPart,
} from './service.ts';
export { createHost, type HostOptions, type ServiceHost } from './host.ts';
export { createVitals, type ProcessLoad, type ServiceVitals, type UpstreamVitals, type VitalsParts } from './vitals.ts';
export type { StreamAnswer } from './log-operations.ts';
