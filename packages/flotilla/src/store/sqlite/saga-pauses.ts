import type { DatabaseSync } from 'node:sqlite';
import type { Pauses, SagaScope, SagaWriter } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { prepare } from './statement.ts';
import type { Touched } from './touched.ts';

const WHOLE_SERVICE = '*';

export interface PauseReader {
  /** Those of the kinds that nobody holds back. */
  unpaused(kinds: readonly string[]): readonly string[];
  pauses(): Pauses;
}

export function createPauseReader(db: DatabaseSync): PauseReader {
  const paused = prepare<{ kind: string }>(db, 'SELECT kind FROM flotilla_saga_pauses');
  const claimed = prepare<{ id: string }>(
    db,
    'SELECT id FROM flotilla_sagas INDEXED BY flotilla_sagas_paused WHERE paused = 1 AND owner IS NOT NULL',
  );
  const pausedKinds = (): string[] => paused.all().map(({ kind }) => kind);
  return {
    unpaused(kinds) {
      const held = pausedKinds();
      if (held.length === 0) return kinds;
      return held.includes(WHOLE_SERVICE) ? [] : kinds.filter((kind) => !held.includes(kind));
    },
    pauses() {
      const held = pausedKinds();
      return {
        service: held.includes(WHOLE_SERVICE),
        kinds: held.filter((kind) => kind !== WHOLE_SERVICE),
        claimed: claimed.all().map(({ id }) => id),
      };
    },
  };
}

export function createPauseWriter(db: DatabaseSync, touched: Touched): Direct<Pick<SagaWriter, 'pause' | 'resume'>> {
  const hold = prepare(db, 'INSERT INTO flotilla_saga_pauses (kind) VALUES (?) ON CONFLICT DO NOTHING');
  const free = prepare(db, 'DELETE FROM flotilla_saga_pauses WHERE kind = ?');
  const holdOne = prepare(
    db,
    `UPDATE flotilla_sagas SET paused = 1
       WHERE id = ? AND paused = 0 AND status IN ('ready', 'running', 'waiting', 'compensating')`,
  );
  const freeOne = prepare(db, 'UPDATE flotilla_sagas SET paused = 0 WHERE id = ? AND paused = 1');

  const change = (scope: SagaScope, [ofMany, ofOne]: [typeof hold, typeof hold]): boolean => {
    const name = 'service' in scope ? WHOLE_SERVICE : 'kind' in scope ? scope.kind : scope.id;
    const changed = ('id' in scope ? ofOne : ofMany).run(name).changes === 1;
    touched.sagas ||= changed;
    return changed;
  };
  return {
    pause: (scope) => change(scope, [hold, holdOne]),
    resume: (scope) => change(scope, [free, freeOne]),
  };
}
