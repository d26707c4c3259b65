import { systemRuntime as runtime } from 'flotilla/kernel';
import { createReadModels, prepareProjections } from 'flotilla/projection';
import type { Store } from 'flotilla/store';
import { silentLogger } from 'flotilla/telemetry';
import { defineCase, type Figures } from '../case.ts';
import { openDatabasePlace } from '../database-server.ts';
import { ownCpuMs } from '../process-usage.ts';
import { temporaryFolder } from '../folder.ts';
import { fillPostgres, fillSqlite } from '../projection/past.ts';
import { takings, tills } from '../projection/takings.ts';
import { percentile } from '../stats.ts';
import { openDriver } from '../store.ts';

/** How fast a read model is built anew, and whether a long log makes an event dearer. */
export const projectionCase = defineCase({
  name: 'projection',
  title:
    'events of a log of some length that a new build of a read model catches up with, batch by batch, until it takes the place ' +
    'of the one in use; p50 and p99 are those of a batch with its commit, which is flushed',
  takes: { store: ['sqlite', 'postgres'], events: [10_000, 1_000_000] },
  async open({ store: kind, events }, { url }) {
    await using scope = new AsyncDisposableStack();
    const { path: folder } = scope.use(await temporaryFolder());
    const place = kind === 'postgres' ? scope.use(await openDatabasePlace(url)) : undefined;
    const driver = scope.use(await openDriver({ store: kind, folder, url: place?.url }));
    const store = await driver.open(tills.name, { migrations: {} });
    if (place) await fillPostgres(`${place.url}_${tills.name}`, events);
    else fillSqlite(folder, tills.name, events);
    const opened = scope.move();
    return {
      round: async () => ({ own: await rebuild(store, events) }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});

async function rebuild(store: Store, events: number): Promise<Figures> {
  const batchesMs: number[] = [];
  let before = performance.now();
  const projection = takings(() => {
    const now = performance.now();
    batchesMs.push(now - before);
    before = now;
  });
  const projections = [projection];
  await prepareProjections({ store, projections, runtime, log: silentLogger });
  const models = createReadModels({ projections, contract: tills, store, runtime, log: silentLogger, owner: runtime.ids() });
  const isBuilt = (await store.projections.builds()).length > 1 || (await store.cursors.position('projection:takings:1')) > 0;
  const start = performance.now();
  const cpuBefore = await ownCpuMs();
  models.start();
  if (isBuilt) await models.rebuild(projection.name);
  while ((await store.projections.builds()).at(-1)!.status !== 'active') await new Promise((resolve) => setTimeout(resolve, 5));
  await models.caughtUp(projection, new AbortController().signal);
  const seconds = (performance.now() - start) / 1_000;
  const cpuUs = (((await ownCpuMs()) - cpuBefore) * 1_000) / events;
  await models[Symbol.asyncDispose]();
  return { cpuUs, perSecond: events / seconds, p50Ms: percentile(batchesMs, 0.5), p99Ms: percentile(batchesMs, 0.99) };
}
