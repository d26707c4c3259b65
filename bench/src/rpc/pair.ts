import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { type Contender, end, message, startContender } from '../contender/start.ts';
import { temporaryFolder } from '../folder.ts';
import type { RpcPeer } from './peer.ts';

/** Two processes, one of which asks the other. */
export type Pair = AsyncDisposable & Pick<Contender, 'measure'>;

/** Starts both processes of a peer; `file` is the module that describes it. */
export async function openPair(file: string): Promise<Pair> {
  const { peer } = (await import(file)) as { peer: RpcPeer };
  await using scope = new AsyncDisposableStack();
  const { path: folder } = scope.use(await temporaryFolder());
  const server = scope.adopt(fork(join(dirname(file), peer.server), [folder]), end);
  const { port } = (await message(server)) as { port: number };
  const asker = scope.use(await startContender(join(import.meta.dirname, 'asker.ts'), [file, String(port), String(server.pid)]));
  const opened = scope.move();
  return { measure: asker.measure, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
