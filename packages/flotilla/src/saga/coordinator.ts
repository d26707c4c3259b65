import type { ClaimedSaga, SagaRow, SignalOutcome, Transaction } from '../store/index.ts';
import type { Health } from '../telemetry/index.ts';
import { cancelSaga } from './cancel.ts';
import type { SagaDefinition } from './definition.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { withChildren } from './family.ts';
import type { FindDefinition } from './flight.ts';
import { type Fork, forkSaga } from './fork.ts';
import { type Act, sagaNotFound } from './operate.ts';
import { type PauseAct, pauseMany, pauseSaga, type WidePause } from './pause.ts';
import { type Repair, repairSaga } from './repair.ts';
import { sagaHealth } from './saga-health.ts';
import { type Signal, signalSaga } from './signal.ts';
import { type SignalAct, signalById } from './signal-act.ts';
import { type SagaStart, startAlone, startSaga } from './start.ts';
import { createSweeper } from './sweeper.ts';

export type CoordinatorOptions = DispatcherOptions;

/** What a start needs, besides the clock and the ids that the coordinator has. */
export type Starting = Omit<SagaStart, 'runtime' | 'berth'>;

/** Sees the sagas of one service through. Several processes may each run one over the same store. */
export interface Coordinator extends AsyncDisposable {
  /** The names of the sagas it knows. */
  readonly kinds: readonly string[];
  start(): void;
  /** Starts nothing new, lets running steps finish within the grace (10 s unless said), and hands every saga on. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** Starts a saga with the transaction, or by itself; it goes on in this process when there is room. See `startSaga`. */
  begin(saga: SagaDefinition, start: Starting, tx?: Transaction): Promise<string>;
  /** See `signalSaga`. */
  tell(saga: SagaDefinition, signal: Signal, tx: Transaction): Promise<SignalOutcome>;
  /** DEGRADED while a saga is stuck, sagas are held back, or there are some that nobody here goes on with. */
  health(): Promise<Health>;
  list(options: Parameters<SagaList>[0]): ReturnType<SagaList>;
  /** Throws `SAGA_NOT_FOUND`. */
  show(id: string): Promise<ClaimedSaga>;
  // What operators do to sagas, audited.
  repair(repair: Repair): Promise<SagaRow>;
  cancel(act: Act): Promise<SagaRow>;
  pause(act: PauseAct, saga: Act): Promise<SagaRow>;
  pauseMany(pause: WidePause): Promise<boolean>;
  /** Returns the id of the new saga. */
  fork(fork: Fork): Promise<string>;
  signal(act: SignalAct): Promise<SagaRow>;
}

type SagaList = DispatcherOptions['store']['sagas']['list'];

const DEFAULT_GRACE_MS = 10_000;

export function createCoordinator(given: CoordinatorOptions): Coordinator {
  const options = { ...given, sagas: withChildren(given.sagas) };
  const { store, sagas, runtime } = options;
  const definitionOf = definitionFinder(sagas);
  const dispatcher = createDispatcher(options, definitionOf);
  const sweeper = createSweeper(options);
  const stop = async ({ graceMs = DEFAULT_GRACE_MS } = {}): Promise<void> => {
    await Promise.all([dispatcher.stop(graceMs), sweeper[Symbol.asyncDispose]()]);
  };
  /** What an act took away from this process stops at once; others notice when they write. */
  const takingAway = async <TResult>(id: string, act: Promise<TResult>): Promise<TResult> => {
    const result = await act;
    dispatcher.drop(id);
    return result;
  };
  return {
    kinds: [...new Set(sagas.map(({ name }) => name))],
    start() {
      dispatcher.start();
      sweeper.start();
    },
    stop,
    begin: (saga, start, tx) => {
      const whole = { ...start, runtime, berth: dispatcher.berth };
      return tx ? startSaga(tx, saga, whole) : startAlone(store, saga, whole);
    },
    tell: (saga, signal, tx) => signalSaga(tx, saga, { signal, runtime }),
    health: () => sagaHealth(store, sweeper.strangers),
    list: (filter) => store.sagas.list(filter),
    async show(id) {
      const found = await store.sagas.find(id);
      if (!found) throw sagaNotFound(id);
      return found;
    },
    repair: (repair) => repairSaga(options, repair, definitionOf),
    cancel: (act) => takingAway(act.id, cancelSaga(options, act, definitionOf)),
    pause: (act, saga) => pauseSaga(options, act, saga),
    pauseMany: (pause) => pauseMany(options, pause),
    fork: (fork) => forkSaga(options, fork, definitionOf),
    signal: (act) => signalById(options, act, definitionOf),
    [Symbol.asyncDispose]: () => stop(),
  };
}

function definitionFinder(sagas: readonly SagaDefinition[]): FindDefinition {
  const known = new Map(sagas.map((saga) => [`${saga.name} ${saga.version}`, saga]));
  return ({ kind, definitionVersion }) => known.get(`${kind} ${definitionVersion}`);
}
