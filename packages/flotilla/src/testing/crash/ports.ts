import type { Runtime } from '../../kernel/index.ts';
import type { Store } from '../../store/index.ts';
import { withMethods } from '../with-methods.ts';
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
  const noting = withAdvance(store, (advance) => async (change) => {
    const accepted = await advance(change);
    if (accepted) note({ saga: change.id, fence: change.fence });
    return accepted;
  });
  return withMethods(store, {
    // Mere looks besides a claim stand for nothing that the claim does not.
    sagas: withMethods(sagas, {
      claim: (options) => gate.call('claim', () => sagas.claim(options)),
      advance: (change) => gate.call('advance', () => noting.sagas.advance(change)),
      renew: (owner, held, leaseMs) => gate.call('renew', () => sagas.renew(owner, held, leaseMs)),
      find: (id) => gate.call('find', () => sagas.find(id)),
      list: (options) => gate.call('list', () => sagas.list(options)),
      nextWake: (kinds) => gate.call('nextWake', () => sagas.nextWake(kinds)),
      insert: (saga) => gate.call('insert', () => sagas.insert(saga)),
    }),
    transact: (work, options) => gate.call('transact', () => noting.transact(work, options)),
    onCommit: (listener) => gate.own(store.onCommit((committed) => gate.state === 'alive' && listener(committed))),
  });
}

type Advance = Store['sagas']['advance'];

/** A store whose sagas advance differently, in transactions and out of them. */
export function withAdvance(store: Store, change: (advance: Advance) => Advance): Store {
  const changed = <TSagas extends { advance: Advance }>(sagas: TSagas): TSagas =>
    withMethods<{ advance: Advance }>(sagas, { advance: change((advance) => sagas.advance(advance)) }) as TSagas;
  return withMethods(store, {
    sagas: changed(store.sagas),
    transact: (work, options) => store.transact((tx) => work(withMethods(tx, { sagas: changed(tx.sagas) })), options),
  });
}

/** Time as one process sees it: the timers of a dead one never fire. */
export function gatedRuntime(runtime: Runtime, gate: Gate): Runtime {
  const { clock } = runtime;
  return {
    ...runtime,
    clock: {
      now: clock.now,
      monotonic: clock.monotonic,
      timer: (delayMs, callback, options) => gate.own(clock.timer(delayMs, callback, options)),
    },
  };
}
