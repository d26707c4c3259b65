import { join } from 'node:path';
import { defineCase } from '../case.ts';
import { type Contender, inTurn, startContender } from '../contender/start.ts';
import { openDatabasePlace } from '../database-server.ts';

const OURS = join(import.meta.dirname, '../saga/flotilla.ts');
const PEERS = join(import.meta.dirname, '../../peers/sagas');

/** How fast sagas go through when each step is journalled before and after it, flushed to disk. */
export const sagas = defineCase({
  name: 'sagas',
  title:
    'sagas of four local steps that do nothing, each from its start to the commit that ends it; every commit is flushed; ' +
    'on PostgreSQL beside DBOS on the same server and Restate on its own',
  durationMs: 2_000,
  takes: { store: ['sqlite', 'postgres'], inFlight: [64, 1] },
  async open({ store, inFlight }, { durationMs, url, alone }) {
    await using scope = new AsyncDisposableStack();
    const contenders = new Map<string, Contender>();
    const enter = async (name: string, program: string, args: readonly string[]): Promise<void> => {
      contenders.set(name, scope.use(await startContender(program, args)));
    };
    const place = store === 'postgres' ? ['--url', scope.use(await openDatabasePlace(url)).url] : [];
    await enter('flotilla', OURS, ['--store', store, ...place]);
    if (store === 'postgres' && !alone) {
      await enter('dbos', join(PEERS, 'dbos.ts'), place);
      await enter('restate', join(PEERS, 'restate.ts'), []);
    }
    const opened = scope.move();
    return {
      round: () => inTurn(contenders, { inFlight, durationMs }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
