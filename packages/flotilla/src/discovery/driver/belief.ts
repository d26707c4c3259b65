import type { InstanceRow } from './rows.ts';

/** Above this share of leases that are over at once, the fault is more likely with the registry than with its instances. */
const BELIEVABLE_SHARE = 0.15;
/** Below this number a share says nothing. */
const FEW = 10;
/** How long those are held whose end is not believed. */
const HOLD_MS = 5 * 60_000;
/** How long watchers can be told one by one who is gone. */
export const TELL_MS = 60_000;

/** Decides who is dropped and who is held, of those whose leases are over; `total` counts all leases. */
export function believe<TRow extends Pick<InstanceRow, 'expires_at'>>(
  over: readonly TRow[],
  total: number,
  now: number,
): { readonly dropped: readonly TRow[]; readonly held: readonly TRow[] } {
  const hold = total >= FEW && over.length > BELIEVABLE_SHARE * total;
  const isHeld = ({ expires_at }: TRow): boolean => hold && expires_at! > now - HOLD_MS;
  return { dropped: over.filter((row) => !isHeld(row)), held: over.filter(isHeld) };
}
