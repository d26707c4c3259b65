import { join } from 'node:path';
import { defineCase } from '../case.ts';
import { type Contender, inTurn, startContender } from '../contender/start.ts';
import { openDatabasePlace } from '../database-server.ts';

const OURS = join(import.meta.dirname, '../appends/flotilla.ts');
const EMMETT = join(import.meta.dirname, '../../peers/appends/emmett.ts');

/** How fast events are appended when each append says which version its stream must have. */
export const appends = defineCase({
  name: 'appends',
  title:
    'appends of one event to streams at an expected version, each until its commit is flushed; on PostgreSQL beside the same ' +
    'without the fence that keeps readers from passing over events, and beside Emmett on the same server',
  durationMs: 2_000,
  takes: { store: ['sqlite', 'postgres'], inFlight: [32, 1] },
  async open({ store, inFlight }, { durationMs, url, alone }) {
    await using scope = new AsyncDisposableStack();
    const contenders = new Map<string, Contender>();
    const enter = async (name: string, program: string, args: readonly string[]): Promise<void> => {
      contenders.set(name, scope.use(await startContender(program, args)));
    };
    if (store === 'sqlite') await enter('flotilla', OURS, ['--store', store]);
    else {
      const place = scope.use(await openDatabasePlace(url));
      await enter('flotilla', OURS, ['--store', store, '--url', place.url]);
      await enter('withoutFence', OURS, ['--store', store, '--url', `${place.url}_bare`, '--without-fence']);
      if (!alone) await enter('emmett', EMMETT, ['--url', place.url]);
    }
    const opened = scope.move();
    return {
      round: () => inTurn(contenders, { inFlight, durationMs }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
