export type { BaseContext, CommandContext, PrepareContext, QueryContext, TransactionContext } from './context.ts';
export {
  type AnyHandler,
  type Handlers,
  type ServiceBuilder,
  type ServiceDefinition,
  type ServiceSpec,
  service,
  type TwoPart,
} from './service.ts';
export { createHost, type HostOptions, type ServiceHost } from './host.ts';
export type { ProcessLoad, ServiceVitals, UpstreamVitals } from './vitals.ts';
