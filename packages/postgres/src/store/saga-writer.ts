import type { SagaWriter } from 'flotilla/store';
import { createSagaChanges } from './saga-changes.ts';
import { findSaga, HOLD } from './saga-finder.ts';
import { earlierSaga, INSERT_ONE, insertOneValues, insertResults } from './saga-inserts.ts';
import { createSagaLocks } from './saga-locks.ts';
import { createPauseWriter } from './saga-pauses.ts';
import { createSignals } from './saga-signals.ts';
import type { Queries } from './statement.ts';
import type { Unit } from './unit.ts';

/** Sagas inside a unit. */
export function createSagaWriter(unit: Unit, outside: Queries): SagaWriter {
  const { touched } = unit;
  return {
    async insert(saga) {
      const [inserted] = insertResults([saga], (await unit.query(INSERT_ONE, insertOneValues(saga))).rows);
      if (!inserted) return (await earlierSaga(unit, saga))!;
      touched.sagas ||= inserted.leaseUntil === undefined;
      return inserted;
    },
    find: (id) => findSaga(unit, id, HOLD),
    ...createSagaChanges(unit, outside),
    ...createSignals(unit, touched),
    ...createPauseWriter(unit, touched),
    lock: createSagaLocks(unit, touched).lock,
  };
}
