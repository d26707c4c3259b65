import { join } from 'node:path';
import { defineCase } from '../case.ts';
import { type Contender, inTurn, startContender } from '../contender/start.ts';

const OURS = join(import.meta.dirname, '../inprocess/flotilla.ts');
const MOLECULER = join(import.meta.dirname, '../../peers/inprocess/moleculer.ts');

/** What a call costs between two services of one process: client, transport, host, and everything checked and copied on the way. */
export const inprocess = defineCase({
  name: 'inprocess',
  title: 'a query with a small product, client to host in one process and thread, validated both ways; each peer in turn',
  takes: { inFlight: [1, 64] },
  async open({ inFlight }, { durationMs, alone }) {
    await using scope = new AsyncDisposableStack();
    const contenders = new Map<string, Contender>();
    contenders.set('flotilla', scope.use(await startContender(OURS)));
    if (!alone) contenders.set('moleculer', scope.use(await startContender(MOLECULER)));
    const opened = scope.move();
    return {
      round: () => inTurn(contenders, { inFlight, durationMs }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
