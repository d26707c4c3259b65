import { join } from 'node:path';
import { openNats } from '@flotilla/nats/testing';
import { defineCase } from '../case.ts';
import { inTurn, startContender } from '../contender/start.ts';
import { openDatabasePlace } from '../database-server.ts';

const PROGRAM = join(import.meta.dirname, '../wakeup/flotilla.ts');

/** How soon an event is handled in a system that has nothing else to do, and what having nothing to do costs. */
export const wakeup = defineCase({
  name: 'wakeup',
  title:
    'from the commit of an event to the start of its handler, after a pause of 50 to 100 ms, and the processor time of a process that ' +
    'has nothing to do: SQLite without a broker, or PostgreSQL and NATS',
  durationMs: 6_000,
  takes: { store: ['sqlite', 'postgres'] },
  async open({ store }, { durationMs, url }) {
    await using scope = new AsyncDisposableStack();
    const args = ['--store', store];
    if (store === 'postgres') {
      const broker = scope.use(await openNats());
      args.push('--url', scope.use(await openDatabasePlace(url)).url, '--bus', `${broker.url}?sync=accepted`);
    }
    const contenders = new Map([['flotilla', scope.use(await startContender(PROGRAM, args))]]);
    const opened = scope.move();
    return {
      round: () => inTurn(contenders, { inFlight: 1, durationMs }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
