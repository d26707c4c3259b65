import type { Stuck } from './next-move.ts';

/**
 * What an operator can do for a stuck saga: `retry` gives the step fresh tries, `skip` goes on as if it had succeeded,
 * `resolve` closes the saga as it is: everything else was seen to by hand, and nothing of it runs any more.
 */
export type RepairAct = 'retry' | 'skip' | 'resolve';

/** The acts that can help. What is stuck on a version or a step that nobody knows has no step to skip. */
export function actsFor(at: Stuck['at']): RepairAct[] {
  return at ? ['retry', 'skip', 'resolve'] : ['retry', 'resolve'];
}
