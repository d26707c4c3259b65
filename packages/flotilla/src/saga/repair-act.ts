import type { Stuck } from './move.ts';

/**
 * What an operator can do for a stuck saga: `retry` gives the step fresh tries, `skip` goes on as if it had succeeded, `edit` goes
 * on with an output that the operator says, `resolve` closes the saga as it is: everything else was seen to by hand, and nothing
 * of it runs any more.
 */
export type RepairAct = 'retry' | 'skip' | 'edit' | 'resolve';

export const REPAIR_ACTS: readonly RepairAct[] = ['retry', 'skip', 'edit', 'resolve'];

/** The acts that can help. What is stuck on a version or a step that nobody knows has no step to skip; only a step that runs has an output. */
export function actsFor(at: Stuck['at']): RepairAct[] {
  if (!at) return ['retry', 'resolve'];
  return REPAIR_ACTS.filter((act) => act !== 'edit' || isEditable(at));
}

export function isEditable(at: Stuck['at']): at is NonNullable<Stuck['at']> {
  return at?.direction === 'run' && at.step !== '$end';
}
