import { isFlotillaError, jittered, type Runtime, sleep } from '../kernel/index.ts';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2;

export interface DecideAgainOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly signal: AbortSignal;
}

/**
 * Runs a unit, and again when somebody else changed what it had decided on: it then loads the new state and decides anew. Gives up
 * with `VERSION_CONFLICT` after five tries.
 */
export async function decideAgain<TResult>(
  { runtime, signal }: DecideAgainOptions,
  unit: () => Promise<TResult>,
): Promise<TResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await unit();
    } catch (thrown) {
      if (attempt >= ATTEMPTS || !(isFlotillaError(thrown) && thrown.code === 'VERSION_CONFLICT')) throw thrown;
    }
    await sleep(runtime.clock, jittered(runtime.random, FIRST_PAUSE_MS * 2 ** attempt), signal);
  }
}
