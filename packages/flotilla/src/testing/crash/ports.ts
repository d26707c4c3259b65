import type { Runtime } from '../../kernel/index.ts';
import type { SagaAdvance, Store, Transaction } from '../../store/index.ts';
import type { Gate } from './gate.ts';

/** A write to a saga that the store accepted. */
export interface Accepted {
  readonly saga: string;
  readonly fence: number;
}

export type NoteAccepted = (write: Accepted) => void;

/** The store as one process sees it: each call goes through its gate. Accepted writes are noted from outside. */
export function gatedStore(store: Store, gate: Gate, note: NoteAccepted): Store {
  const { sagas } = store;
  const advance = async (into: Pick<Store['sagas'], 'advance'>, change: SagaAdvance): Promise<boolean> => {
    const accepted = await into.advance(change);
    if (accepted) note({ saga: change.id, fence: change.fence });
    return accepted;
  };
  const observed = (tx: Transaction): Transaction => ({
    ...{ db: tx.db, events: tx.events, idempotency: tx.idempotency, inbox: tx.inbox, cursors: tx.cursors, leases: tx.leases },
    sagas: {
      insert: (saga) => tx.sagas.insert(saga),
      advance: (change) => advance(tx.sagas, change),
      repair: (repair) => tx.sagas.repair(repair),
    },
    afterCommit: (callback) => tx.afterCommit(callback),
  });
  return {
    service: store.service,
    reader: store.reader,
    events: store.events,
    sagas: {
      claim: (options) => gate.call('claim', () => sagas.claim(options)),
      advance: (change) => gate.call('advance', () => advance(sagas, change)),
      renew: (owner, held, leaseMs) => gate.call('renew', () => sagas.renew(owner, held, leaseMs)),
      find: (id) => gate.call('find', () => sagas.find(id)),
      list: (options) => gate.call('list', () => sagas.list(options)),
      nextWake: (kinds) => gate.call('nextWake', () => sagas.nextWake(kinds)),
    },
    transact: (work, options) => gate.call('transact', () => store.transact((tx) => work(observed(tx)), options)),
    onCommit: (listener) => store.onCommit((committed) => gate.state === 'alive' && listener(committed)),
    check: (signal) => store.check(signal),
    // The store outlives its processes.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Time as one process sees it: the timers of a dead one never fire. */
export function gatedRuntime(runtime: Runtime, gate: Gate): Runtime {
  const { clock } = runtime;
  return {
    ...runtime,
    clock: {
      now: clock.now,
      monotonic: clock.monotonic,
      timer: (delayMs, callback, options) => clock.timer(delayMs, () => gate.state !== 'dead' && callback(), options),
    },
  };
}
