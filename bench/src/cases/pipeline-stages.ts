import { systemRuntime as runtime } from 'flotilla/kernel';
import { createPipeline, type Policy, standardPolicy } from 'flotilla/resilience';
import { defineCase, nothingToClose } from '../case.ts';
import { type Contenders, nsEach } from '../resilience/in-turn.ts';

const POLICIES: Readonly<Record<string, Policy>> = {
  none: {},
  timeout: { timeout: {} },
  retry: { retry: {} },
  hedge: { hedge: {} },
  breaker: { breaker: {} },
  bulkhead: { bulkhead: {} },
  adaptive: { adaptive: {} },
  fallback: { fallback: () => 'instead' },
  standard: standardPolicy,
};

/** What each stage adds: one that is absent adds nothing. */
export const pipelineStages = defineCase({
  name: 'pipeline-stages',
  title: 'an async function that succeeds at once, behind pipelines of no stage, of one and of the standard policy',
  async open() {
    const work = async (): Promise<number> => 1;
    const contenders: Contenders = Object.fromEntries(
      Object.entries(POLICIES).map(([name, policy]) => {
        const { execute } = createPipeline({ name, policy, runtime });
        return [name, () => execute(work, { idempotent: true })];
      }),
    );
    return {
      async round() {
        const ns = await nsEach({ bare: work, ...contenders });
        return { own: Object.fromEntries(Object.entries(ns).map(([name, { median }]) => [`${name}Ns`, median])) };
      },
      ...nothingToClose,
    };
  },
});
