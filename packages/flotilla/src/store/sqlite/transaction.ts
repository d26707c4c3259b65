import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/index.ts';
import type { EventWriter } from '../events.ts';
import type { CursorTable, IdempotencyTable, InboxTable, LeaseTable } from '../messages.ts';
import type { SagaWriter } from '../sagas.ts';
import type { Transaction } from '../store.ts';
import { createCursorTable } from './cursors.ts';
import { createKysely, createQueryRunner } from './dialect.ts';
import { type Guard, guarded } from './direct.ts';
import { createEventWriter } from './events.ts';
import { createIdempotencyTable } from './idempotency.ts';
import { createInboxTable } from './inbox.ts';
import { createLeaseTable } from './leases.ts';
import { createSagaWriter } from './sagas.ts';
import type { Touched } from './touched.ts';
import { transactionEnded, type Unit } from './unit.ts';

/** Prepares all statements once; each unit then gets views of the tables that end with it. */
export function createTransactions(db: DatabaseSync, clock: Clock, touched: Touched): (unit: Unit) => Transaction {
  const run = createQueryRunner(db);
  const events = guarded<EventWriter>(createEventWriter(db, touched));
  const idempotency = guarded<IdempotencyTable>(createIdempotencyTable(db));
  const inbox = guarded<InboxTable>(createInboxTable(db));
  const cursors = guarded<CursorTable>(createCursorTable(db));
  const leases = guarded<LeaseTable>(createLeaseTable(db, clock));
  const sagas = guarded<SagaWriter>(createSagaWriter(db, clock, touched));

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
