import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One way for a process to ask another for a product. */
export interface RpcPeer {
  /** As in the figures. */
  readonly name: string;
  /** The program that answers: a file beside this one, which says where it listens by `listening`. */
  readonly server: string;
  connect(port: number): Promise<RpcClient>;
}

export interface RpcClient extends AsyncDisposable {
  /** Asks once, and returns the product after looking whether it is one. */
  get(id: string): Promise<{ readonly price: number }>;
}

/** A peer with both of its sides up. */
export interface OpenPeer extends AsyncDisposable {
  readonly name: string;
  readonly serverPid: number;
  readonly client: RpcClient;
}

export async function openPeer({ name, server, connect }: RpcPeer): Promise<OpenPeer> {
  await using scope = new AsyncDisposableStack();
  const child = fork(join(import.meta.dirname, server));
  scope.defer(() => end(child));
  const port = await portOf(child, name);
  const client = scope.use(await connect(port));
  const opened = scope.move();
  return { name, client, serverPid: child.pid!, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Called by a server once it can be asked. It ends when the process that wants to know does. */
export function listening(port: number): void {
  process.once('disconnect', () => process.exit());
  process.send!({ port });
}

async function portOf(child: ChildProcess, name: string): Promise<number> {
  const [said] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (typeof said !== 'object' || said === null) throw new Error(`The server of ${name} ended before it listened.`);
  return (said as { port: number }).port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
