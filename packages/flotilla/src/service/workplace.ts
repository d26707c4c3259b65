import type { Runtime } from '../kernel/index.ts';
import type { Projection } from '../projection/index.ts';
import type { Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { ClientsFor } from './errand.ts';
import type { ServiceDefinition } from './service.ts';

/** What one running service lends to every piece of work it does. */
export interface Workplace {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** The service's own settings, already validated. */
  readonly config: unknown;
  /** Of the system; it is in no database. */
  readonly secret: string;
  readonly clients: ClientsFor;
  caughtUp(projection: Projection, signal: AbortSignal): Promise<void>;
}
