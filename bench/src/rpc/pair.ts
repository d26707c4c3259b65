import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Figures } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import type { RpcPeer } from './peer.ts';

/** What the asking process is told to do. */
export interface Order {
  readonly inFlight: number;
  readonly durationMs: number;
}

/** Two processes, one of which asks the other. */
export interface Pair extends AsyncDisposable {
  measure(order: Order): Promise<Figures>;
}

/** Starts both processes of a peer; `file` is the module beside this one that describes it. */
export async function openPair(file: string): Promise<Pair> {
  const { peer } = (await import(`./${file}`)) as { peer: RpcPeer };
  await using scope = new AsyncDisposableStack();
  const start = (program: string, args: readonly string[]): ChildProcess => {
    const child = fork(join(import.meta.dirname, program), args);
    scope.defer(() => end(child));
    return child;
  };
  const { path: folder } = scope.use(await temporaryFolder());
  const server = start(peer.server, [folder]);
  const { port } = (await message(server)) as { port: number };
  const asker = start('asker.ts', [file, String(port), String(server.pid)]);
  await message(asker);
  const opened = scope.move();
  return {
    measure: async (order) => {
      asker.send(order);
      return (await message(asker)) as Figures;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The next thing that a process says. */
async function message(child: ChildProcess): Promise<unknown> {
  const unwanted = new AbortController();
  const { signal } = unwanted;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended too early.`);
  });
  ended.catch(() => undefined);
  const [said] = await Promise.race([once(child, 'message', { signal }), ended]);
  unwanted.abort();
  return said as unknown;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
