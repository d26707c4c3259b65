import { defineCase, type Figures } from '../case.ts';
import { LENGTH } from '../chain/hops.ts';
import { openChain } from '../chain/open-chain.ts';
import { lineThrough } from '../chain/slope.ts';
import { drive } from '../load.ts';

/** What one service more on the way of a call costs. */
export const chain = defineCase({
  name: 'chain',
  title: 'a query that goes through 1 to 8 services, each in a process of its own; one call at a time',
  durationMs: 4_000,
  async open(_settings, { durationMs }) {
    const chain = await openChain();
    const measure = async (hops: number): Promise<number> => {
      const figures = await drive({ inFlight: 1, durationMs: durationMs / LENGTH, call: () => chain.pass(hops) });
      return figures.p50Ms!;
    };
    return {
      round: async () => {
        const p50s: number[] = [];
        for (let hops = 1; hops <= LENGTH; hops += 1) p50s.push(await measure(hops));
        const { slope, fit } = lineThrough(p50s);
        const each = p50s.map((ms, index): [string, number] => [`p50Ms${index + 1}`, ms]);
        return { own: { perHopMs: slope, linearFit: fit, ...(Object.fromEntries(each) as Figures) } };
      },
      [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
    };
  },
});
