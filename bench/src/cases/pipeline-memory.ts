import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { type Attempt, createPipeline, standardPolicy } from 'flotilla/resilience';
import { defineCase, nothingToClose } from '../case.ts';

const CALLS = 1_000_000;
const AT_ONCE = 50;

/** Calls come and go under the signal of a process that never stops: nothing of them may stay. */
export const pipelineMemory = defineCase({
  name: 'pipeline-memory',
  title: 'a million calls with the standard policy under one signal, fifty at once, each asking for its own signal',
  async open() {
    const { signal } = new AbortController();
    const { execute } = createPipeline({ name: 'bench', runtime, policy: standardPolicy });
    const work = async (attempt: Attempt): Promise<boolean> => attempt.signal.aborted;
    const collectGarbage = exposeGc();
    return {
      async round() {
        collectGarbage();
        const before = process.memoryUsage().heapUsed;
        let listeners = 0;
        for (let done = 0; done < CALLS; done += AT_ONCE) {
          await Promise.all(Array.from({ length: AT_ONCE }, () => execute(work, { idempotent: true, signal })));
          if (done % 10_000 === 0) {
            listeners = Math.max(listeners, getEventListeners(signal, 'abort').length);
            await nextTurn();
          }
        }
        collectGarbage();
        return { own: { heapGrowthMiB: (process.memoryUsage().heapUsed - before) / 2 ** 20, listenersAtMost: listeners } };
      },
      ...nothingToClose,
    };
  },
});

/** The collector, which Node hides unless it is asked for on the command line. */
function exposeGc(): () => void {
  setFlagsFromString('--expose-gc');
  // V8 puts the function of this name into each context made from now on.
  return runInNewContext('gc') as () => void;
}
