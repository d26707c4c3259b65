import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { agreeingAnswer } from '../handshake.ts';
import { rawStream, type RawStream } from './raw-stream.ts';

/** A process that grants stream connections and then does what a test wants. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** Connections so far, in their order. */
  readonly streams: RawStream[];
  /** What was asked with. */
  readonly asked: IncomingMessage['headers'][];
  stop(): Promise<void>;
}

export async function openRawServer(
  answer: string = agreeingAnswer({ version: '1.0', maxBodyBytes: 1 }, 1_000_000),
): Promise<RawServer> {
  const streams: RawStream[] = [];
  const asked: IncomingMessage['headers'][] = [];
  const server = createServer((_request, response) => response.writeHead(204).end());
  server.on('upgrade', (request, socket: Socket, head) => {
    asked.push(request.headers);
    socket.write(answer);
    streams.push(rawStream(socket, head));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    for (const stream of streams) stream[Symbol.dispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, streams, asked, stop, [Symbol.asyncDispose]: stop };
}
