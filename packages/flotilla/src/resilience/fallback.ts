import type { Stage } from './call.ts';
import type { Fallback } from './policy.ts';

/** The outermost stage: another answer where there would be an error, except for a caller who left. */
export function fallingBack(next: Stage, fallback: Fallback, counts: { fallbacks: number }): Stage {
  return (call) =>
    next(call).then(undefined, (thrown: unknown) => {
      if (call.signal?.aborted) throw thrown;
      counts.fallbacks += 1;
      return answerInstead(fallback, thrown);
    });
}

/** The failure of a fallback is a footnote to the error that called for it. */
async function answerInstead(fallback: Fallback, thrown: unknown): Promise<unknown> {
  try {
    return await fallback(thrown);
  } catch (failure) {
    if (thrown instanceof Error && thrown.cause === undefined && failure !== thrown) thrown.cause = failure;
    throw thrown;
  }
}
