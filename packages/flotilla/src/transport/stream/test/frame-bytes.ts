import { HEADER_BYTES, writeHeader } from '../frame.ts';

export interface WrittenFrame {
  readonly type: number;
  readonly id: number;
  readonly head: string;
  readonly body: string;
}

/** A frame by itself, for what no connection of ours would write. */
export function frameBytes({ type, id, head, body }: WrittenFrame): Buffer {
  const payload = Buffer.from(head + body);
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(header, 0, { type, id, payload: payload.length, head: Buffer.byteLength(head) });
  return Buffer.concat([header, payload]);
}
