import type { Pauses, SagaScope, SagaWriter } from 'flotilla/store';
import { type Queries, type Statement, statement } from './statement.ts';
import type { Touched } from './touched.ts';

const WHOLE_SERVICE = '*';

/** SQL: true when an operator holds back this kind. */
export const isHeldBack = (kind: string): string =>
  `(EXISTS (SELECT 1 FROM flotilla_saga_pauses WHERE kind = '${WHOLE_SERVICE}') OR ${kind} IN (SELECT p.kind FROM flotilla_saga_pauses p))`;

const held = statement<{ kind: string }>('SELECT kind FROM flotilla_saga_pauses ORDER BY kind');
const claimed = statement<{ id: string }>('SELECT id FROM flotilla_sagas WHERE paused AND owner IS NOT NULL');
const hold = statement('INSERT INTO flotilla_saga_pauses (kind) VALUES ($1) ON CONFLICT DO NOTHING');
const free = statement('DELETE FROM flotilla_saga_pauses WHERE kind = $1');
const holdOne = statement(
  `UPDATE flotilla_sagas SET paused = true
     WHERE id = $1 AND NOT paused AND status IN ('ready', 'running', 'waiting', 'compensating')`,
);
const freeOne = statement('UPDATE flotilla_sagas SET paused = false WHERE id = $1 AND paused');

export async function readPauses(db: Queries): Promise<Pauses> {
  const [pauses, sagas] = await Promise.all([db.query(held), db.query(claimed)]);
  const kinds = pauses.rows.map(({ kind }) => kind);
  return {
    service: kinds.includes(WHOLE_SERVICE),
    kinds: kinds.filter((kind) => kind !== WHOLE_SERVICE),
    claimed: sagas.rows.map(({ id }) => id),
  };
}

export function createPauseWriter(db: Queries, touched: Touched): Pick<SagaWriter, 'pause' | 'resume'> {
  async function change(scope: SagaScope, [ofMany, ofOne]: [Statement<never>, Statement<never>]): Promise<boolean> {
    const name = 'service' in scope ? WHOLE_SERVICE : 'kind' in scope ? scope.kind : scope.id;
    const changed = (await db.query('id' in scope ? ofOne : ofMany, [name])).count === 1;
    touched.sagas ||= changed;
    return changed;
  }
  return {
    pause: (scope) => change(scope, [hold, holdOne]),
    resume: (scope) => change(scope, [free, freeOne]),
  };
}
