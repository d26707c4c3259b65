import { connect, type Socket } from 'node:net';

/** A bare connection, for what no HTTP client would send. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: string;
  write(text: string): void;
  /** What was received when the other side closed. */
  readonly closed: Promise<string>;
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => (received += text));
  socket.on('error', () => undefined); // A reset is one of the ways to be closed.
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    write: (text) => void socket.write(text, 'latin1'),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Sends bytes on a connection of their own and returns all that comes back until the server closes it. */
export async function sendRaw(url: string, text: string): Promise<string> {
  using connection = await openRaw(url);
  connection.write(text);
  return await connection.closed;
}
