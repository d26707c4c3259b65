import { defineCase } from '../case.ts';
import { claimEach, claimFigures } from '../claim/claimer.ts';
import { addFinishedToFile, addFinishedToServer } from '../claim/finished.ts';
import { openDatabasePlace } from '../database-server.ts';
import { temporaryFolder } from '../folder.ts';
import { openDriver } from '../store.ts';

/** So few claims in turn that whatever else the machine does meets both stores alike. */
const SLICE = 20;

/** What the sagas of the past cost those of today. */
export const claimScale = defineCase({
  name: 'claim-scale',
  title: 'claims of one saga each from a store that holds many finished ones, beside the same from an empty store; in turn',
  durationMs: 4_000,
  takes: { store: ['sqlite', 'postgres'], finished: [1_000_000] },
  async open({ store, finished }, { durationMs, url }) {
    await using scope = new AsyncDisposableStack();
    const { path: folder } = scope.use(await temporaryFolder());
    const server = store === 'postgres' ? scope.use(await openDatabasePlace(url)) : undefined;
    const driver = scope.use(await openDriver({ store, folder, url: server?.url }));
    const full = await driver.open('full', { migrations: {} });
    const empty = await driver.open('empty', { migrations: {} });
    if (server) await addFinishedToServer(server, 'full', finished);
    else addFinishedToFile(folder, 'full', finished);
    const opened = scope.move();
    return {
      async round() {
        const [ofFull, ofEmpty]: [number[], number[]] = [[], []];
        for (const end = performance.now() + durationMs; performance.now() < end;) {
          ofFull.push(...(await claimEach(full, SLICE)));
          ofEmpty.push(...(await claimEach(empty, SLICE)));
        }
        return { own: claimFigures(ofFull), peers: { 'empty store': claimFigures(ofEmpty) } };
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
