import { next } from './leases.ts';
import type { Statements } from './statements.ts';

/** Above this share of leases that are over at once, the fault is more likely with the registry than with its instances. */
const BELIEVABLE_SHARE = 0.15;
/** Below this number a share says nothing. */
const FEW = 10;
/** How long those are held whose end is not believed. */
const HOLD_MS = 5 * 60_000;
/** How long watchers can be told one by one who is gone. */
export const TELL_MS = 60_000;

export interface Swept {
  readonly expired: number;
  /** Held although their leases are over. */
  readonly held: number;
}

/** Drops the instances whose leases are over, or holds them when there are too many. Runs inside a write transaction. */
export function sweep(sql: Statements, now: number): Swept {
  const over = sql.expired.all(now);
  const total = sql.countLeases.get()!.count;
  const hold = total >= FEW && over.length > BELIEVABLE_SHARE * total;
  const held = hold ? over.filter((row) => row.expires_at! > now - HOLD_MS) : [];
  const dropped = over.filter((row) => !held.includes(row));
  for (const { id } of dropped) sql.setGone.run(id, 'expired', now, next(sql));
  for (const { id, stale } of held) if (stale === 0) sql.setStale.run(id, next(sql));
  forget(sql, now - TELL_MS);
  return { expired: dropped.length, held: held.length };
}

function forget(sql: Statements, before: number): void {
  const last = sql.lastForgettable.get(before)?.revision;
  if (last === null || last === undefined) return;
  sql.forget.run(before);
  sql.setForgotten.run(last);
}
