import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Projection } from '../projection/index.ts';
import type { Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { CallMetadata } from '../transport/index.ts';
import type { ServiceDefinition } from './service.ts';

/** What one running service lends to every piece of work it does. */
export interface Workplace {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** The service's own settings, already validated. */
  readonly config: unknown;
  /** Clients that pass on who asks, the trace and the time that is left. */
  clients(calls: Record<string, Contract>, origin: CallMetadata, signal: AbortSignal): Clients<Record<string, Contract>>;
  caughtUp(projection: Projection, signal: AbortSignal): Promise<void>;
}
