import type { Runtime } from '../kernel/index.ts';
import type { ReadModels } from '../projection/index.ts';
import type { Coordinator } from '../saga/index.ts';
import type { Snapshot, Store } from '../store/index.ts';
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
  /** Keeps a snapshot of an aggregate, sooner or later. */
  keepSnapshot(snapshot: Snapshot): void;
  readonly readModels: Pick<ReadModels, 'caughtUp' | 'waitFor'>;
  readonly sagas: Pick<Coordinator, 'begin' | 'tell'>;
}
