import { once } from 'node:events';
import { createServer } from 'node:net';
import { systemRuntime } from '../kernel/index.ts';

/** Below the ports that systems give to outgoing connections: one of these could take the port before its server starts. */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** A port of the loopback address that nobody listened on a moment ago; with many to choose from, nobody else is likely to be given it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(systemRuntime.random.next() * (HIGHEST - LOWEST));
    const server = createServer();
    const isFree = await once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
