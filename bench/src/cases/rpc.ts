import { defineCase } from '../case.ts';
import { inTurn } from '../contender/start.ts';
import { openPair, type Pair } from '../rpc/pair.ts';
import { ours, peers } from '../rpc/pairs.ts';

/** What a call from one service to another costs, beside others who do the same work. */
export const rpc = defineCase({
  name: 'rpc',
  title: 'a query with a small product between two processes on loopback, input and answer validated; each peer in turn',
  takes: { inFlight: [64, 1] },
  async open({ inFlight }, { durationMs, alone }) {
    await using scope = new AsyncDisposableStack();
    const pairs = new Map<string, Pair>();
    for (const [name, file] of alone ? [ours] : [ours, ...peers]) pairs.set(name, scope.use(await openPair(file)));
    const opened = scope.move();
    return {
      round: () => inTurn(pairs, { inFlight, durationMs }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
