import type { DatabaseSync } from 'node:sqlite';
import type { CursorTable } from '../messages.ts';
import type { Direct } from './direct.ts';
import { prepare } from './statement.ts';

export function createCursorReader(db: DatabaseSync): Direct<Pick<CursorTable, 'position'>> {
  const position = prepare<{ position: number }>(db, 'SELECT position FROM flotilla_cursors WHERE name = ?');
  return { position: (name) => position.get(name)?.position ?? 0 };
}

export function createCursorTable(db: DatabaseSync): Direct<CursorTable> {
  const holdsLease = prepare<object>(db, 'SELECT 1 FROM flotilla_leases WHERE name = ? AND owner = ? AND fence = ?');
  const create = prepare(db, 'INSERT INTO flotilla_cursors (name, position) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const remove = prepare(db, 'DELETE FROM flotilla_cursors WHERE name = ?');
  const move = prepare(db, 'UPDATE flotilla_cursors SET position = ? WHERE name = ? AND position = ?');

  return {
    ...createCursorReader(db),
    advance({ name, from, to, lease }) {
      // Nobody can take the lease between this look and the commit: this unit holds the database's only write lock.
      if (lease && !holdsLease.get(lease.name, lease.owner, lease.fence)) return false;
      if (move.run(to, name, from).changes === 1) return true;
      return from === 0 && create.run(name, to).changes === 1;
    },
    remove: (name) => void remove.run(name),
  };
}
