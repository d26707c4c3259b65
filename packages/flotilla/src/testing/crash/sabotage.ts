import type { Ids } from '../../kernel/index.ts';
import type { JournalEntry, SagaAdvance, Store } from '../../store/index.ts';
import { withAdvance } from './ports.ts';
import type { Sabotage } from './run.ts';

/** A store that lets any process write to any saga: what a forgotten fence would do. */
export const ignoresTheFence: Sabotage = {
  store: (store) =>
    withAdvance(store, (advance) => async (change) => {
      const found = await store.sagas.find(change.id);
      return await advance({ ...(await retold(store, change)), fence: found?.saga.fence ?? change.fence });
    }),
};

/** Journals a step only after its effect, and gives every attempt a key of its own. */
export function writesTooLate(ids: Ids): Sabotage {
  return {
    store: (store) =>
      withAdvance(
        store,
        (advance) => async (change) => await advance(await retold(store, change, (line) => line.status !== 'started' && line)),
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
    withAdvance(store, (advance) => async (change) => {
      const fine = (line: JournalEntry): JournalEntry => (line.status === 'unknown' ? { ...line, status: 'failed' } : line);
      return await advance(await retold(store, change, fine));
    }),
};

type Retell = (line: JournalEntry) => JournalEntry | false;

/** A change with other lines, which go to the end of the journal whatever the writer believed. */
async function retold(store: Store, change: SagaAdvance, retell: Retell = (line) => line): Promise<SagaAdvance> {
  if (!change.journal) return change;
  const after = (await store.sagas.find(change.id))?.journal.length ?? 0;
  return { ...change, journal: { after, entries: change.journal.entries.map(retell).filter((line) => line !== false) } };
}
