import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const CLI = join(import.meta.dirname, '../../packages/cli/bin/flotilla.js');

/** What the command prints once everything is up. */
interface Ready {
  readonly pid: number;
  readonly internalUrl: string;
  readonly gatewayUrl?: string;
}

/** The real command in a process of its own. Disposing lets it finish and waits for its end. */
export interface FlotillaProcess extends AsyncDisposable {
  readonly ready: Ready;
  /** From just before the process was made until it said that it is ready. */
  readonly readyAfterMs: number;
}

/** Starts `flotilla …` on a data folder. What it logs goes to a file in there, as it would in production. */
export async function startFlotilla(args: readonly string[], dataFolder: string): Promise<FlotillaProcess> {
  await using log = await open(join(dataFolder, 'bench.log'), 'a');
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, ...args, '--data', dataFolder, '--json'], { stdio: ['ignore', 'pipe', log.fd] });
  try {
    const ready = await readReady(child);
    const readyAfterMs = performance.now() - start;
    return { ready, readyAfterMs, [Symbol.asyncDispose]: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function readReady(child: ChildProcess): Promise<Ready> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line) as Ready & { event: string };
    if (said.event === 'ready') return said;
  }
  throw new Error('flotilla ended before it was ready; run it by hand to see why.');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
