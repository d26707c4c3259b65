import type { Kysely } from 'kysely';
import type { EventReader, Transaction } from 'flotilla/store';
import { createCursorTable } from './cursors.ts';
import { createKysely } from './dialect.ts';
import { createEventWriter } from './event-writer.ts';
import { createIdempotencyTable } from './idempotency.ts';
import { createInboxTable } from './inbox.ts';
import { createLeaseTable } from './leases.ts';
import { createProjectionTable } from './projections.ts';
import { createSagaWriter } from './saga-writer.ts';
import type { Queries } from './statement.ts';
import type { Unit } from './unit.ts';

export interface Surroundings {
  /** Committed data, past the unit. */
  readonly outside: Queries;
  readonly log: Pick<EventReader, 'read'>;
}

/** What the work of a unit is given: every table over the unit's own connection, ending with it. */
export function createTransaction(unit: Unit, { outside, log }: Surroundings): Transaction {
  let kysely: Kysely<unknown> | undefined;
  return {
    get db() {
      return (kysely ??= createKysely((query) => unit.send(query)));
    },
    events: createEventWriter({ unit, outside, log }),
    idempotency: createIdempotencyTable(unit, outside),
    inbox: createInboxTable(unit),
    cursors: createCursorTable(unit),
    leases: createLeaseTable(unit),
    sagas: createSagaWriter(unit, outside),
    projections: createProjectionTable(unit),
    afterCommit(callback) {
      unit.assertOpen();
      unit.callbacks.push(callback);
    },
  };
}
