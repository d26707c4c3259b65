import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCase, type Figures } from '../case.ts';
import { openDatabasePlace } from '../database-server.ts';
import { temporaryFolder } from '../folder.ts';
import { cpuMsOf } from '../process-usage.ts';
import { percentile } from '../stats.ts';

/** What the registry costs a machine, and how soon everybody knows. */
export const registry = defineCase({
  name: 'registry',
  title:
    '1 000 instances of 100 services in one registry, a file or PostgreSQL, 100 heartbeats/s, 10 changes/s; how old each is when seen ' +
    'by a second process',
  durationMs: 6_000,
  takes: { store: ['sqlite', 'postgres'] },
  async open({ store }, { durationMs, url }) {
    await using scope = new AsyncDisposableStack();
    const place = store === 'postgres' ? await openDatabasePlace(url) : await temporaryFolder();
    scope.use(place);
    const where = [store, 'url' in place ? place.url : place.path];
    const fleet = scope.adopt(await start('fleet.ts', where), stop);
    const watcher = scope.adopt(await start('watcher.ts', where), stop);
    const opened = scope.move();
    return {
      round: async () => ({ own: await observe(fleet, watcher, durationMs) }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});

async function observe(fleet: ChildProcess, watcher: ChildProcess, durationMs: number): Promise<Figures> {
  await agesSeen(watcher);
  const cpu = async (): Promise<number[]> => await Promise.all([fleet, watcher].map(({ pid }) => cpuMsOf(pid!)));
  const [before, start] = [await cpu(), performance.now()];
  await sleep(durationMs);
  const [after, elapsed] = [await cpu(), performance.now() - start];
  const ages = await agesSeen(watcher);
  const share = (process: number): number => ((after[process]! - before[process]!) / elapsed) * 100;
  return {
    perSecond: (ages.length / elapsed) * 1_000,
    p50Ms: percentile(ages, 0.5),
    p99Ms: percentile(ages, 0.99),
    maxMs: Math.max(...ages),
    registryCpuPercent: share(0),
    watcherCpuPercent: share(1),
  };
}

async function agesSeen(watcher: ChildProcess): Promise<number[]> {
  watcher.send('report');
  // The watcher sends nothing else after it is ready.
  const [ages] = (await once(watcher, 'message')) as [number[]];
  return ages;
}

async function start(script: string, where: readonly string[]): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, '../registry', script), where, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}
