import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase, Figures } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { cpuMsOf } from '../process-usage.ts';
import { percentile } from '../stats.ts';

const ROUND_MS = 6_000;

/** What the registry costs a machine, and how soon everybody knows. */
export const registry: BenchCase = {
  name: 'registry',
  title: '1 000 instances of 100 services in one registry, 100 heartbeats/s, 10 changes/s; a second process follows all of them',
  async open() {
    await using scope = new AsyncDisposableStack();
    const { path } = scope.use(await temporaryFolder());
    const fleet = scope.adopt(await start('fleet.ts', path), stop);
    const watcher = scope.adopt(await start('watcher.ts', path), stop);
    const opened = scope.move();
    return { round: () => observe(fleet, watcher), [Symbol.asyncDispose]: () => opened.disposeAsync() };
  },
};

async function observe(fleet: ChildProcess, watcher: ChildProcess): Promise<Figures> {
  await agesSeen(watcher);
  const cpu = async (): Promise<number[]> => await Promise.all([fleet, watcher].map(({ pid }) => cpuMsOf(pid!)));
  const [before, start] = [await cpu(), performance.now()];
  await sleep(ROUND_MS);
  const [after, elapsed] = [await cpu(), performance.now() - start];
  const ages = await agesSeen(watcher);
  const share = (process: number): number => ((after[process]! - before[process]!) / elapsed) * 100;
  return {
    'registry and heartbeats CPU %': share(0),
    'watcher CPU %': share(1),
    'changes seen/s': (ages.length / elapsed) * 1_000,
    'change seen p50 ms': percentile(ages, 0.5),
    'change seen max ms': Math.max(...ages),
  };
}

async function agesSeen(watcher: ChildProcess): Promise<number[]> {
  watcher.send('report');
  // The watcher sends nothing else after it is ready.
  const [ages] = (await once(watcher, 'message')) as [number[]];
  return ages;
}

async function start(script: string, folder: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, '../registry', script), [folder], {
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
