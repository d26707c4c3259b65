import type { CursorTable } from 'flotilla/store';
import { HOLDS } from './leases.ts';
import { type Queries, statement } from './statement.ts';

const position = statement<{ position: number }>('SELECT position FROM flotilla_cursors WHERE name = $1');
const create = statement('INSERT INTO flotilla_cursors (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING');
const remove = statement('DELETE FROM flotilla_cursors WHERE name = $1');
const move = statement('UPDATE flotilla_cursors SET position = $1 WHERE name = $2 AND position = $3');

export function createCursorReader(db: Queries): Pick<CursorTable, 'position'> {
  return { position: async (name) => (await db.query(position, [name])).rows[0]?.position ?? 0 };
}

export function createCursorTable(db: Queries): CursorTable {
  return {
    ...createCursorReader(db),
    async advance({ name, from, to, lease }) {
      if (lease && (await db.query(HOLDS, [lease.name, lease.owner, lease.fence])).count === 0) return false;
      if ((await db.query(move, [to, name, from])).count === 1) return true;
      return from === 0 && (await db.query(create, [name, to])).count === 1;
    },
    remove: async (name) => void (await db.query(remove, [name])),
  };
}
