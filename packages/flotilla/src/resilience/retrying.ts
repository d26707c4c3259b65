import type { Stage } from './call.ts';
import type { Repeat } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Repeats what may happen twice; every call feeds the budget. */
export function retrying(once: Stage, repeat: Repeat, budget: RetryBudget): Stage {
  return (call) => {
    budget.deposit();
    const first = once(call);
    if (call.context.idempotent !== true) return first;
    return first.then(undefined, (thrown: unknown) => repeat(thrown, () => once(call), call));
  };
}
