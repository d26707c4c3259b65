import { FlotillaError } from 'flotilla/kernel';
import type { IdempotencyTable, StoredReply } from 'flotilla/store';
import { fromText, type Queries, statement, toText } from './statement.ts';
import type { Unit } from './unit.ts';

const find = statement<{ request_hash: string; reply: string | null }>(
  'SELECT request_hash, reply FROM flotilla_idempotency WHERE scope = $1 AND key = $2',
);
const insert = statement(
  `INSERT INTO flotilla_idempotency (scope, key, request_hash, reply, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
);
const prune = statement(
  `DELETE FROM flotilla_idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM flotilla_idempotency WHERE at < $1 LIMIT $2))`,
);

export function createIdempotencyReader(db: Queries): Pick<IdempotencyTable, 'find'> {
  return {
    async find(scope, key) {
      const row = (await db.query(find, [scope, key])).rows[0];
      return row && { requestHash: row.request_hash, reply: fromText(row.reply) };
    },
  };
}

/**
 * Inside a unit. Keys are looked up outside: the database guards reads by whole pages of an index, and every command that runs
 * at the same moment would be in the way. Who comes second with a key meets it at the insert.
 */
export function createIdempotencyTable(unit: Unit, outside: Queries): IdempotencyTable {
  const reader = createIdempotencyReader(outside);
  const own = new Map<string, StoredReply>();
  return {
    async find(scope, key) {
      unit.assertOpen();
      return own.get(`${scope} ${key}`) ?? (await reader.find(scope, key));
    },
    async insert({ scope, key, requestHash, reply, at }) {
      const { count } = await unit.query(insert, [scope, key, requestHash, toText(reply), at]);
      if (count === 0) throw keyTaken(key);
      own.set(`${scope} ${key}`, { requestHash, reply });
    },
    prune: async (before, limit) => (await unit.query(prune, [before, limit])).count,
  };
}

function keyTaken(key: string): FlotillaError {
  return new FlotillaError('IDEMPOTENCY_KEY_TAKEN', {
    kind: 'conflict',
    retryable: true,
    message: `A reply is kept for the idempotency key '${key}' already. Try again to get that reply.`,
  });
}
