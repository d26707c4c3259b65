import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FlotillaError } from '../../kernel/index.ts';

/** Opens the server's port and tells where it can be reached. Throws `PORT_IN_USE`, or `LISTEN_FAILED` for every other reason. */
export async function listenOn(server: Server, host: string, port: number): Promise<{ url: string; port: number }> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => reject(listenError(cause, host, port));
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const actual = (server.address() as AddressInfo).port;
  return { url: `http://${reachable(host)}:${actual}`, port: actual };
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): FlotillaError {
  if (cause.code === 'EADDRINUSE') {
    const message = `Port ${port} on ${host} is taken by another program. Stop that program or choose another port; 0 takes any free one.`;
    return new FlotillaError('PORT_IN_USE', { kind: 'conflict', message, cause, details: { host, port } });
  }
  const message = `Can't listen on ${host}:${port} (${cause.code}). Choose an address of this machine and a port you may use.`;
  return new FlotillaError('LISTEN_FAILED', { kind: 'unavailable', message, cause, details: { host, port } });
}

/** An address that a client on this machine can use for a wildcard one. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
