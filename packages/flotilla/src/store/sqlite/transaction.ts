import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { EventWriter } from '../events.ts';
import type { CursorTable, IdempotencyTable, InboxTable, LeaseTable } from '../messages.ts';
import type { ProjectionTable } from '../projections.ts';
import type { SagaWriter } from '../sagas.ts';
import type { Transaction } from '../store.ts';
import { createKysely, createQueryRunner } from './dialect.ts';
import { type Guard, guarded } from './direct.ts';
import type { Tables } from './tables.ts';
import { transactionEnded, type Unit } from './unit.ts';

/** Each unit gets views of the tables that end with it. */
export function createTransactions(db: DatabaseSync, tables: Tables): (unit: Unit) => Transaction {
  const run = createQueryRunner(db);
  const events = guarded<EventWriter>(tables.events);
  const idempotency = guarded<IdempotencyTable>(tables.idempotency);
  const inbox = guarded<InboxTable>(tables.inbox);
  const cursors = guarded<CursorTable>(tables.cursors);
  const leases = guarded<LeaseTable>(tables.leases);
  const sagas = guarded<SagaWriter>(tables.sagas);
  const projections = guarded<ProjectionTable>(tables.projections);

  return (unit) => {
    let kysely: Kysely<unknown> | undefined;
    const guard = guardOf(unit, db);
    return {
      get db() {
        return (kysely ??= createKysely(run, guard));
      },
      events: events(guard),
      idempotency: idempotency(guard),
      inbox: inbox(guard),
      cursors: cursors(guard),
      leases: leases(guard),
      sagas: sagas(guard),
      projections: projections(guard),
      afterCommit(callback) {
        unit.assertOpen();
        unit.callbacks.push(callback);
      },
    };
  };
}

/** When the disk fills up SQLite rolls back by itself; whatever a unit wrote after that would be kept at once, and alone. */
function guardOf(unit: Unit, db: DatabaseSync): Guard {
  return {
    assertOpen() {
      unit.assertOpen();
      if (db.isTransaction) return;
      throw transactionEnded('The database rolled this transaction back. Let the error that said so pass.');
    },
  };
}
