import type { DatabaseSync } from 'node:sqlite';
import { FlotillaError } from '../../kernel/index.ts';
import type { IdempotencyTable } from '../messages.ts';
import type { Direct } from './direct.ts';
import { isUniqueViolation } from './failure.ts';
import { fromText, prepare, toText } from './statement.ts';

export function createIdempotencyReader(db: DatabaseSync): Direct<Pick<IdempotencyTable, 'find'>> {
  const find = prepare<{ request_hash: string; reply: string | null }>(
    db,
    'SELECT request_hash, reply FROM flotilla_idempotency WHERE scope = ? AND key = ?',
  );
  return {
    find(scope, key) {
      const row = find.get(scope, key);
      return row && { requestHash: row.request_hash, reply: fromText(row.reply) };
    },
  };
}

export function createIdempotencyTable(db: DatabaseSync): Direct<IdempotencyTable> {
  const insert = prepare(db, 'INSERT INTO flotilla_idempotency (scope, key, request_hash, reply, at) VALUES (?, ?, ?, ?, ?)');
  const prune = prepare(
    db,
    `DELETE FROM flotilla_idempotency WHERE at < ? AND rowid IN
       (SELECT rowid FROM flotilla_idempotency ORDER BY rowid LIMIT ?)`,
  );

  return {
    ...createIdempotencyReader(db),
    insert({ scope, key, requestHash, reply, at }) {
      try {
        insert.run(scope, key, requestHash, toText(reply), at);
      } catch (cause) {
        throw isUniqueViolation(cause) ? keyTaken(key, cause) : cause;
      }
    },
    prune: (before, limit) => Number(prune.run(before, limit).changes),
  };
}

function keyTaken(key: string, cause: unknown): FlotillaError {
  return new FlotillaError('IDEMPOTENCY_KEY_TAKEN', {
    kind: 'conflict',
    retryable: true,
    message: `A reply is kept for the idempotency key '${key}' already. Try again to get that reply.`,
    cause,
  });
}
