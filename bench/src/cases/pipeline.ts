import { systemRuntime as runtime } from 'flotilla/kernel';
import { createBreaker, createPipeline, type Policy, standardPolicy } from 'flotilla/resilience';
import { cockatielBreaker, cockatielFive } from '../../peers/resilience/cockatiel.ts';
import { opossumBreaker } from '../../peers/resilience/opossum.ts';
import { defineCase, type Figures } from '../case.ts';
import { type Contenders, nsEach } from '../resilience/in-turn.ts';
import type { Summary } from '../stats.ts';

/** Ours, and who does the same. */
interface Field {
  readonly ours: Contenders;
  readonly peers: Contenders;
}

const work = async (): Promise<number> => 1;

/** What protection costs when nothing goes wrong, beside others who protect in the same way. */
export const pipeline = defineCase({
  name: 'pipeline',
  title:
    'an async function that succeeds at once, behind timeout, retry, breaker, bulkhead and fallback, or behind a breaker alone; ' +
    'percentiles are those of slices of 5 000 calls',
  takes: { policy: ['five', 'breaker'] },
  async open({ policy }, { alone }) {
    await using scope = new AsyncDisposableStack();
    const { ours, peers } = policy === 'five' ? behindFive() : behindBreaker(scope);
    const field = alone ? ours : { ...ours, ...peers };
    const opened = scope.move();
    return {
      async round() {
        const { bare, flotilla, underSignal, ...others } = await nsEach({ bare: work, ...field });
        const own = { ...figures(flotilla!), bareNs: bare!.median, ...(underSignal && { underSignalNs: underSignal.median }) };
        return { own, peers: Object.fromEntries(Object.entries(others).map(([name, ns]) => [name, figures(ns)])) };
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});

function behindFive(): Field {
  const policy: Policy = { ...standardPolicy, fallback: () => 'instead' };
  const { execute } = createPipeline({ name: 'bench', runtime, policy });
  const { signal } = new AbortController();
  return {
    ours: {
      flotilla: () => execute(work, { idempotent: true }),
      underSignal: () => execute(work, { idempotent: true, signal }),
    },
    peers: { cockatiel: cockatielFive(work) },
  };
}

function behindBreaker(scope: AsyncDisposableStack): Field {
  const breaker = createBreaker({ name: 'bench', runtime });
  const opossum = scope.adopt(opossumBreaker(work), (open) => open.shutdown());
  return {
    ours: { flotilla: () => breaker.execute(work) },
    peers: { opossum: () => opossum.fire(), cockatiel: cockatielBreaker(work) },
  };
}

function figures({ median, max }: Summary): Figures {
  return { perSecond: 1e9 / median, p50Ms: median / 1e6, p99Ms: max / 1e6, ns: median };
}
