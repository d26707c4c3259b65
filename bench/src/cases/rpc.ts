import type { BenchCase, Figures } from '../case.ts';
import { openPair, type Pair } from '../rpc/pair.ts';

/** Everybody by the name in the figures, with the module that describes it. */
const OURS = ['flotilla', 'flotilla.ts'] as const;
const PEERS = [
  ['nestjs tcp', 'nest.ts'],
  ['moleculer tcp', 'moleculer.ts'],
  ['grpc-js', 'grpc.ts'],
  ['fastify + undici', 'fastify.ts'],
] as const;
const DURATION_MS = 1_000;

/** What a call from one service to another costs, beside others who do the same work. */
export const rpc: BenchCase = {
  name: 'rpc',
  title: 'a query with a small product between two processes on loopback, input and answer validated; each peer in turn',
  async open() {
    await using scope = new AsyncDisposableStack();
    const pairs = new Map<string, Pair>();
    for (const [name, file] of [OURS, ...PEERS]) pairs.set(name, scope.use(await openPair(file)));
    const opened = scope.move();
    return {
      round: async () => ({ ...(await round(pairs, 64)), ...(await round(pairs, 1)) }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};

async function round(pairs: ReadonlyMap<string, Pair>, inFlight: number): Promise<Figures> {
  const all: Record<string, number> = {};
  const measured = new Map<string, Figures>();
  for (const [name, pair] of pairs) {
    const figures = await pair.measure({ inFlight, durationMs: DURATION_MS });
    measured.set(name, figures);
    for (const [figure, value] of Object.entries(figures)) all[`${name}: ${figure}, ${inFlight} in flight`] = value;
  }
  const of = (figure: string): number[] => PEERS.map(([name]) => measured.get(name)![figure]!);
  const own = measured.get(OURS[0])!;
  all[`calls/s ÷ those of the fastest peer, ${inFlight} in flight`] = own['calls/s']! / Math.max(...of('calls/s'));
  all[`p50 ÷ that of the fastest peer, ${inFlight} in flight`] = own['p50 ms']! / Math.min(...of('p50 ms'));
  return all;
}
