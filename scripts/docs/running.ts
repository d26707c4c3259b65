import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './pages.ts';

/** A system that a page asks its reader to start. */
export interface Running extends AsyncDisposable {
  /** All that it wrote so far. */
  output(): string;
}

/** Runs `flotilla` with these arguments in a folder, and returns when the gateway on the port is ready. */
export async function started(args: readonly string[], { folder, port }: { folder: string; port: number }): Promise<Running> {
  const script = join(root, 'node_modules/.bin/flotilla');
  const child = spawn(process.execPath, [script, ...args, '--port', String(port)], { cwd: folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const running: Running = { output: () => output, [Symbol.asyncDispose]: () => stopped(child) };
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) break;
    if ((await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok) return running;
    await sleep(50);
  }
  await stopped(child);
  throw new Error(`The system did not become ready:\n${output}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
