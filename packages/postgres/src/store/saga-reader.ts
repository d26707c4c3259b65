import { endsIn, type SagaStore } from 'flotilla/store';
import { IS_DUE, IS_LEASED } from './saga-claims.ts';
import { findSaga } from './saga-finder.ts';
import { readPauses } from './saga-pauses.ts';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { type Queries, type Statement, statement } from './statement.ts';

/** Sagas that did not end, found through the partial indexes: few, however many have ended. */
const OPEN = `
  SELECT * FROM flotilla_sagas WHERE ${IS_LEASED}
  UNION ALL SELECT * FROM flotilla_sagas WHERE ${IS_DUE}
  UNION ALL SELECT * FROM flotilla_sagas WHERE paused
  UNION ALL SELECT * FROM flotilla_sagas WHERE status = 'stuck'`;

const FILTER = `($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR status = $2) AND ($3::boolean IS NULL OR paused = $3)`;
const NEWEST_FIRST = 'ORDER BY number DESC LIMIT $4';

export const LIST_ALL = statement<StoredSaga>(`SELECT * FROM flotilla_sagas WHERE ${FILTER} ${NEWEST_FIRST}`);
export const LIST_OPEN = statement<StoredSaga>(`SELECT * FROM (${OPEN}) AS open WHERE ${FILTER} ${NEWEST_FIRST}`);
export const LIST_RELATED = statement<StoredSaga>(
  `SELECT * FROM flotilla_sagas WHERE correlation_id = $5 AND ${FILTER} ${NEWEST_FIRST}`,
);
const strangers = statement<{ kind: string }>(
  `SELECT DISTINCT kind FROM (${OPEN}) AS open WHERE kind <> ALL ($1::text[]) ORDER BY kind`,
);

type Filter = Parameters<SagaStore['list']>[0];

export function createSagaReader(db: Queries): Pick<SagaStore, 'find' | 'list' | 'pauses' | 'strangers'> {
  return {
    find: (id) => findSaga(db, id),
    async list(filter) {
      const { kind = null, status = null, paused = null, correlationId, limit } = filter;
      const values = [kind, status, paused, limit];
      const { rows } = await (correlationId === undefined
        ? db.query(listing(filter), values)
        : db.query(LIST_RELATED, [...values, correlationId]));
      return rows.map(sagaRow);
    },
    pauses: () => readPauses(db),
    strangers: async (kinds) => (await db.query(strangers, [kinds])).rows.map(({ kind }) => kind),
  };
}

function listing({ status, paused }: Filter): Statement<StoredSaga> {
  return paused === true || (status !== undefined && !endsIn(status)) ? LIST_OPEN : LIST_ALL;
}
