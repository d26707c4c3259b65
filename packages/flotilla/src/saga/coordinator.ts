import type { JournalEntry, SagaRow, SagaStatus } from '../store/index.ts';
import type { Health } from '../telemetry/index.ts';
import type { SagaDefinition } from './definition.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { type FindDefinition, type Repair, repairSaga, sagaNotFound } from './repair.ts';

export type CoordinatorOptions = DispatcherOptions;

/** Sees the sagas of one service through. Several processes may each run one over the same store. */
export interface Coordinator extends AsyncDisposable {
  start(): void;
  /** Starts nothing new, lets running steps finish within the grace (10 s unless said), and hands every saga on. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** DEGRADED while a saga is stuck. */
  health(): Promise<Health>;
  list(options: { kind?: string | undefined; status?: SagaStatus | undefined; limit: number }): Promise<SagaRow[]>;
  /** Throws `SAGA_NOT_FOUND`. */
  show(id: string): Promise<{ saga: SagaRow; journal: JournalEntry[] }>;
  /** Carries out an operator's act on a stuck saga. Throws `SAGA_NOT_FOUND` or `SAGA_NOT_STUCK`. */
  repair(repair: Repair): Promise<SagaRow>;
}

const DEFAULT_GRACE_MS = 10_000;
const STUCK_COUNTED = 1_000;

export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { store, sagas } = options;
  const definitionOf = definitionFinder(sagas);
  const dispatcher = createDispatcher(options, definitionOf);
  return {
    start: () => dispatcher.start(),
    stop: ({ graceMs = DEFAULT_GRACE_MS } = {}) => dispatcher.stop(graceMs),
    health: async () => stuckHealth((await store.sagas.list({ status: 'stuck', limit: STUCK_COUNTED })).length),
    list: (filter) => store.sagas.list(filter),
    async show(id) {
      const found = await store.sagas.find(id);
      if (!found) throw sagaNotFound(id);
      return found;
    },
    repair: (repair) => repairSaga(options, repair, definitionOf),
    [Symbol.asyncDispose]: () => dispatcher.stop(DEFAULT_GRACE_MS),
  };
}

function definitionFinder(sagas: readonly SagaDefinition[]): FindDefinition {
  const known = new Map(sagas.map((saga) => [`${saga.name} ${saga.version}`, saga]));
  return ({ kind, definitionVersion }) => known.get(`${kind} ${definitionVersion}`);
}

function stuckHealth(count: number): Health {
  if (count === 0) return { status: 'UP' };
  const many =
    count === 1
      ? 'One saga is stuck and needs'
      : `${count === STUCK_COUNTED ? 'At least ' : ''}${count} sagas are stuck and need`;
  return { status: 'DEGRADED', reason: `${many} a person. See 'flotilla sagas list --status stuck'.` };
}
