import type { Ids } from '../../kernel/index.ts';
import { withAdvance } from './ports.ts';
import type { Sabotage } from './run.ts';

/** A store that lets any process write to any saga: what a forgotten fence would do. */
export const ignoresTheFence: Sabotage = {
  store: (store) =>
    withAdvance(store, (advance) => async (change) => {
      const found = await store.sagas.find(change.id);
      return await advance({ ...change, fence: found?.saga.fence ?? change.fence });
    }),
};

/** Journals a step only after its effect, and gives every attempt a key of its own. */
export function writesTooLate(ids: Ids): Sabotage {
  return {
    store: (store) =>
      withAdvance(
        store,
        (advance) => (change) => advance({ ...change, entries: change.entries.filter(({ status }) => status !== 'started') }),
      ),
    clients: (clients) => (options) => {
      const { harbour } = clients(options);
      const fresh = (name: 'load' | 'unload') => (input: unknown) =>
        Reflect.get(harbour!, name)(input, { idempotencyKey: ids() });
      return { harbour: { ...harbour, load: fresh('load'), unload: fresh('unload') } };
    },
  };
}

/** Tells the journal that every step was fine, whatever came of it. */
export const forgetsWhatIsUnknown: Sabotage = {
  store: (store) =>
    withAdvance(
      store,
      (advance) => (change) =>
        advance({
          ...change,
          entries: change.entries.map((entry) => (entry.status === 'unknown' ? { ...entry, status: 'failed' } : entry)),
        }),
    ),
};
