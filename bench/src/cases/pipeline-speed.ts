import { systemRuntime as runtime } from 'flotilla/kernel';
import { createBreaker, createPipeline, type Policy, standardPolicy } from 'flotilla/resilience';
import type { BenchCase } from '../case.ts';
import { nsEach } from '../resilience/in-turn.ts';
import { cockatielBreaker, cockatielFive, opossumBreaker } from '../resilience/peers.ts';

const five: Policy = { ...standardPolicy, fallback: () => 'instead' };

/** What protection costs when nothing goes wrong, beside others who protect in the same way. */
export const pipelineSpeed: BenchCase = {
  name: 'pipeline-speed',
  title:
    'an async function that succeeds at once, behind timeout, retry, breaker, bulkhead and fallback, and behind a breaker alone',
  async open() {
    const work = async (): Promise<number> => 1;
    const { signal } = new AbortController();
    const protectedCall = createPipeline({ name: 'bench', runtime, policy: five });
    const breaker = createBreaker({ name: 'bench', runtime });
    const opossum = opossumBreaker(work);
    const contenders = {
      'bare call': work,
      'flotilla, five': () => protectedCall.execute(work, { idempotent: true }),
      'flotilla, five, under a signal': () => protectedCall.execute(work, { idempotent: true, signal }),
      'cockatiel, five': cockatielFive(work),
      'flotilla, breaker': () => breaker.execute(work),
      'cockatiel, breaker': cockatielBreaker(work),
      'opossum, breaker': () => opossum.fire(),
    };
    return {
      async round() {
        const ns = await nsEach(contenders);
        return {
          ...ns,
          'five: cockatiel ÷ flotilla': ns['cockatiel, five ns']! / ns['flotilla, five ns']!,
          'breaker: opossum ÷ flotilla': ns['opossum, breaker ns']! / ns['flotilla, breaker ns']!,
        };
      },
      [Symbol.asyncDispose]: async () => opossum.shutdown(),
    };
  },
};
