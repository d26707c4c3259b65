import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCase, nothingToClose } from '../case.ts';
import { startFlotilla } from '../flotilla-process.ts';
import { temporaryFolder } from '../folder.ts';
import { usageOf } from '../process-usage.ts';

const EIGHT = join(import.meta.dirname, '../shop/eight.ts');
const IDLE_MS = 1_500;

/** How long people wait for a system, and what it keeps in memory: on an empty data folder, and on one that it has used before. */
export const startup = defineCase({
  name: 'startup',
  title:
    'the shop and one more service, eight in one process, with their gateway: from Node being up until they serve (process start ' +
    'to ready, less what an empty program takes), on empty data (p50) and the slower of that and a second start (p99)',
  open: async () => ({
    async round() {
      await using folder = await temporaryFolder();
      const nodeMs = await emptyProgramMs();
      const fresh = await startOnce(folder.path);
      const second = await startOnce(folder.path);
      const [freshMs, secondMs] = [fresh.ms - nodeMs, second.ms - nodeMs];
      return {
        own: {
          perSecond: 1_000 / freshMs,
          p50Ms: freshMs,
          p99Ms: Math.max(freshMs, secondMs),
          secondStartMs: secondMs,
          freshCpuMs: fresh.cpuMs,
          secondCpuMs: second.cpuMs,
          rssMiB: fresh.rssMiB,
          secondRssMiB: second.rssMiB,
          emptyNodeMs: nodeMs,
        },
      };
    },
    ...nothingToClose,
  }),
});

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  /** At its highest from the start until it has been idle for a moment. */
  readonly rssMiB: number;
}

async function startOnce(dataFolder: string): Promise<Start> {
  await using running = await startFlotilla(['dev', EIGHT, '--port', '0'], dataFolder);
  const { cpuMs } = await usageOf(running.ready.pid);
  await sleep(IDLE_MS);
  const { peakRssMiB } = await usageOf(running.ready.pid);
  return { ms: running.readyAfterMs, cpuMs, rssMiB: peakRssMiB };
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
