import { createHmac } from 'node:crypto';
import type { Operation } from '../contract/index.ts';
import { canonicalJson, type ErrorKind, FlotillaError } from '../kernel/index.ts';
import type { IdempotencyTable } from '../store/index.ts';
import type { Call, CallMetadata } from '../transport/index.ts';

/** How a command ended for a key: done, or refused for good. */
export type Answer = { readonly reply?: unknown } | { readonly refusal: Refusal };

interface Refusal {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly details?: unknown;
}

/** What one operation answered to idempotency keys. */
export interface Replies {
  /**
   * What the same key was answered before; a refusal is thrown again. Throws `IDEMPOTENCY_KEY_REUSED` when it came with another
   * input then.
   */
  find(table: Pick<IdempotencyTable, 'find'>, call: Call): Promise<{ reply: unknown } | undefined>;
  /** Keeps an answer for its key, if the call has one. */
  keep(table: IdempotencyTable, call: Call, kept: { answer: Answer; at: number }): Promise<void>;
}

/**
 * Inputs are kept as a hash only, made with a secret that is not in the database: an input may hold a password, and whoever
 * reads the database must not be able to try out guesses.
 */
export function createReplies(operation: Operation, secret: string): Replies {
  const hash = (input: unknown): string => createHmac('sha256', secret).update(canonicalJson(input)).digest('base64url');
  return {
    async find(table, { input, metadata }) {
      if (metadata.idempotencyKey === undefined) return undefined;
      const requestHash = hash(input);
      const earlier = await table.find(scopeOf(operation, metadata, requestHash), metadata.idempotencyKey);
      if (!earlier) return undefined;
      if (earlier.requestHash === requestHash) return replyOf(earlier.reply as Answer);
      throw new FlotillaError('IDEMPOTENCY_KEY_REUSED', {
        kind: 'conflict',
        message: 'This Idempotency-Key was used before with another input. Use a new key for a new request.',
      });
    },
    async keep(table, { input, metadata }, { answer, at }) {
      if (metadata.idempotencyKey === undefined) return;
      const requestHash = hash(input);
      const scope = scopeOf(operation, metadata, requestHash);
      await table.insert({ scope, key: metadata.idempotencyKey, requestHash, reply: answer, at });
    },
  };
}

function replyOf(answer: Answer): { reply: unknown } {
  // As JSON, a reply of nothing is not there at all.
  if (!('refusal' in answer)) return { reply: answer.reply };
  const { code, ...refusal } = answer.refusal;
  throw new FlotillaError(code, { ...refusal, retryable: false });
}

/**
 * Keys of one user can't meet the keys of another, nor those of another operation. People who have not signed in are not told
 * apart, so theirs are kept apart by what they ask for.
 */
function scopeOf({ id }: Operation, { identity, caller }: CallMetadata, requestHash: string): string {
  if (identity.subject !== undefined) return `${id} user:${identity.subject}`;
  return caller.internal ? `${id} ${caller.name}` : `${id} anyone:${requestHash}`;
}
