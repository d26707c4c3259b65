import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BenchCase } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { usageOf } from '../process-usage.ts';
import { startShop } from '../shop/shop.ts';

/** How long people wait for the shop: on an empty data folder, and on one that it has used before. */
export const startUp: BenchCase = {
  name: 'start-up',
  title: 'the shop (one process) from Node being up until it serves: process start to ready, less what an empty program takes',
  open: async () => ({
    async round() {
      await using folder = await temporaryFolder();
      const nodeMs = await emptyProgramMs();
      const fresh = await startOnce(folder.path);
      const second = await startOnce(folder.path);
      return {
        'fresh data ms': fresh.ms - nodeMs,
        'second start ms': second.ms - nodeMs,
        'fresh data CPU ms': fresh.cpuMs,
        'second start CPU ms': second.cpuMs,
        'empty Node ms': nodeMs,
      };
    },
    [Symbol.asyncDispose]: async () => undefined,
  }),
};

async function startOnce(dataFolder: string): Promise<{ ms: number; cpuMs: number }> {
  await using shop = await startShop(dataFolder);
  const { cpuMs } = await usageOf(shop.ready.pid);
  return { ms: shop.readyAfterMs, cpuMs };
}

/** Until an empty program printed its line. */
async function emptyProgramMs(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--eval', "console.log('up')"], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const ms = performance.now() - start;
  if (child.exitCode === null) await once(child, 'exit');
  return ms;
}
