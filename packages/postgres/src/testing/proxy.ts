import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { createAnswerFilter } from './answer-filter.ts';

const DEFAULT_PORT = 5432;

export interface ProxyOptions {
  /** What the server says and nobody hears. */
  readonly swallow?: 'notifications';
}

/** A network between client and server, in the hands of a test. Disposing closes every connection through it. */
export interface Proxy extends AsyncDisposable {
  /** Of the same database, through the proxy. */
  readonly url: string;
  /** From now on nothing gets through in either direction, and nobody is told: half-open connections. */
  freeze(): void;
  /** Everything gets through again, except what was sent meanwhile. */
  thaw(): void;
  /** Closes all connections, as a network that went down and says so. */
  cut(): void;
}

/** Puts a proxy before the server of this URL. */
export async function startProxy(url: string, { swallow }: ProxyOptions = {}): Promise<Proxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;

  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port || DEFAULT_PORT), target.hostname);
    const filter = swallow ? createAnswerFilter('A') : (chunk: Buffer) => chunk;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    const pass = (to: Socket, change: (chunk: Buffer) => Buffer) => (chunk: Buffer) => void (frozen || to.write(change(chunk)));
    client.on('data', pass(upstream, (chunk) => chunk)); // prettier-ignore
    upstream.on('data', pass(client, filter));
    client.on('end', () => frozen || upstream.end());
    upstream.on('end', () => frozen || client.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an address of this kind.
  const { port } = server.address() as AddressInfo;

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    freeze: () => void (frozen = true),
    thaw: () => void (frozen = false),
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
