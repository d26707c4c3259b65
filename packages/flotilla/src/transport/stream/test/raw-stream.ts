import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { anonymous } from '../../../security/index.ts';
import type { Call } from '../../call.ts';
import { writeCall } from '../call-content.ts';
import { CALL, type Frame, SUBSCRIBE } from '../frame.ts';
import { FrameReader } from '../frame-reader.ts';
import { askingHeaders, STREAM_PATH } from '../handshake.ts';
import { frameBytes, type WrittenFrame } from './frame-bytes.ts';
import { SYSTEM_KEY } from './open-server.ts';

const MAX = 64 * 1024 * 1024;

/** A stream connection in the hands of a test, which may do with it what no client of ours would. */
export interface RawStream extends Disposable {
  readonly socket: Socket;
  /** Frames received so far. */
  readonly frames: WrittenFrame[];
  /** What the last frame said in its body. */
  readonly lastBody: unknown;
  send(...frames: Partial<WrittenFrame>[]): void;
  readonly closed: Promise<void>;
}

export async function openRawStream(url: string, version?: string): Promise<RawStream> {
  const headers = { ...askingHeaders(SYSTEM_KEY, MAX), ...(version !== undefined && { 'flotilla-version': version }) };
  const asking = request(new URL(STREAM_PATH, url), { headers, agent: false }).end();
  const [, socket, head] = (await once(asking, 'upgrade')) as [unknown, Socket, Buffer];
  return rawStream(socket, head);
}

export function rawStream(socket: Socket, head: Buffer): RawStream {
  const frames: WrittenFrame[] = [];
  const copy = (frame: Frame): WrittenFrame => ({ type: frame.type, id: frame.id, head: frame.head(), body: frame.body() });
  const reader = new FrameReader(MAX, (frame) => frames.push(copy(frame)));
  socket.on('error', () => undefined); // A reset is one of the ways to be closed.
  socket.once('end', () => socket.end());
  socket.on('data', (chunk: Buffer) => void reader.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void reader.push(head);
  return {
    socket,
    frames,
    closed,
    get lastBody() {
      return JSON.parse(frames.at(-1)?.body ?? 'null') as unknown;
    },
    send: (...sent) =>
      void socket.write(Buffer.concat(sent.map((one) => frameBytes({ type: 0, id: 0, head: '', body: '', ...one })))),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export function farCall(input?: unknown, metadata: Partial<Call['metadata']> = {}): Call {
  return {
    service: 'far',
    operation: 'ask',
    input,
    metadata: {
      identity: anonymous,
      caller: { internal: true, name: 'service:near' },
      trace: { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', flags: 1 },
      correlationId: 'c',
      remainingMs: 10_000,
      attempt: 1,
      ...metadata,
    },
  };
}

export function subscribeFrame(id: number, input?: unknown, metadata?: Partial<Call['metadata']>): WrittenFrame {
  return { type: SUBSCRIBE, id, ...writeCall(farCall(input, metadata), Infinity) };
}

export function callFrame(id: number, input?: unknown, metadata?: Partial<Call['metadata']>): WrittenFrame {
  return { type: CALL, id, ...writeCall(farCall(input, metadata)) };
}
