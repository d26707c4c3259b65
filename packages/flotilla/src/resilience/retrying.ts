import type { Stage } from './call.ts';
import type { Retry } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Repeats what may happen twice; every call feeds the budget. */
export function retrying(next: Stage, retry: Retry, budget: RetryBudget): Stage {
  return (call) => {
    if (call.context.idempotent === true) return retry(() => next(call), call);
    budget.deposit();
    return next(call);
  };
}
