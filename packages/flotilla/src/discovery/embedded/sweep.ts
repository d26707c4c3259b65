import { believe, TELL_MS } from '../driver/belief.ts';
import type { Swept } from '../driver/sweeper.ts';
import { next } from './leases.ts';
import type { Statements } from './statements.ts';

/** Drops the instances whose leases are over, or holds them when there are too many. Runs inside a write transaction. */
export function sweep(sql: Statements, now: number): Swept {
  const { dropped, held } = believe(sql.expired.all(now), sql.countLeases.get()!.count, now);
  for (const { id } of dropped) sql.setGone.run(id, 'expired', now, next(sql));
  for (const { id, stale } of held) if (stale === 0) sql.setStale.run(id, next(sql));
  forget(sql, now - TELL_MS);
  return { expired: dropped.length, held: held.length };
}

/** Whether there is anything to sweep. */
export function isDue(sql: Statements, now: number): boolean {
  return sql.expired.get(now) !== undefined || typeof sql.lastForgettable.get(now - TELL_MS)?.revision === 'number';
}

function forget(sql: Statements, before: number): void {
  const last = sql.lastForgettable.get(before)?.revision;
  if (last === null || last === undefined) return;
  sql.forget.run(before);
  sql.setForgotten.run(last);
}
