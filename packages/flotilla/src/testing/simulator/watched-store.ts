import type { Store, Transaction } from '../../store/index.ts';
import { withMethods } from '../with-methods.ts';
import type { Ledger, UnitNotes } from './ledger.ts';

/** A store whose commits are entered in the ledger, as those of one process. */
export function watchedStore(store: Store, ledger: Ledger, by: string): Store {
  const { service, sagas, events } = store;
  const direct = async <TResult>(work: () => Promise<TResult>, note: (notes: UnitNotes, result: TResult) => void) => {
    const result = await work();
    const notes = ledger.begin(service);
    note(notes, result);
    ledger.commit(notes);
    return result;
  };
  return withMethods(store, {
    events: withMethods(events, {
      append: (append) =>
        direct(
          () => events.append(append),
          ({ appended }) => appended.push(...append.events.map((event) => ({ event, stream: append.stream }))),
        ),
    }),
    sagas: withMethods(sagas, {
      insert: (saga) =>
        direct(
          () => sagas.insert(saga),
          (notes, { id }) => notes.sagas.push(id),
        ),
      advance: (change) =>
        direct(
          () => sagas.advance(change),
          ({ fenced }, accepted) => accepted && fenced.push({ what: `saga ${change.id}`, fence: change.fence, by }),
        ),
    }),
    async transact(work, options) {
      let notes: UnitNotes | undefined;
      const result = await store.transact((tx) => work(watchedUnit(tx, (notes = ledger.begin(service)), by)), options);
      if (notes) ledger.commit(notes);
      return result;
    },
  });
}

function watchedUnit<TTables>(tx: Transaction<TTables>, notes: UnitNotes, by: string): Transaction<TTables> {
  const { appended, sagas, fenced } = notes;
  return withMethods(tx, {
    get events() {
      return withMethods(tx.events, {
        append: async (append) => {
          const result = await tx.events.append(append);
          appended.push(...append.events.map((event) => ({ event, stream: append.stream })));
          return result;
        },
      });
    },
    get cursors() {
      return withMethods(tx.cursors, {
        advance: async (move) => {
          const accepted = await tx.cursors.advance(move);
          if (accepted && move.lease) fenced.push({ what: `cursor ${move.name}`, fence: move.lease.fence, by });
          return accepted;
        },
      });
    },
    get sagas() {
      return withMethods(tx.sagas, {
        insert: async (saga) => {
          const inserted = await tx.sagas.insert(saga);
          sagas.push(inserted.id);
          return inserted;
        },
        advance: async (change) => {
          const accepted = await tx.sagas.advance(change);
          if (accepted) fenced.push({ what: `saga ${change.id}`, fence: change.fence, by });
          return accepted;
        },
      });
    },
  });
}
