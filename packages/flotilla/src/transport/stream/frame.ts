import { isUtf8 } from 'node:buffer';
import { notUtf8 } from '../json-text.ts';

// What goes over a stream connection; `docs/protocol.md` is the same for readers of other languages.

/** Every frame begins with these bytes: length (4), type (1), flags (1), head length (2), call (4); big-endian. */
export const HEADER_BYTES = 12;
/** The head's length has two bytes. */
export const MAX_HEAD_BYTES = 0xffff;
export const MAX_CALL_ID = 0xffff_ffff;

/** Frames of a type that is not listed are skipped. */
export const CALL = 1;
export const ANSWER = 2;
export const ERROR = 3;
export const CANCEL = 4;
/** A call that is answered with items. */
export const SUBSCRIBE = 5;
export const ITEM = 6;
/** Lets the other side send more bytes of items. */
export const WINDOW = 7;
export const PING = 8;
export const PONG = 9;
/** Begin nothing new on this connection; says why. */
export const GOAWAY = 10;

/** The call that is answered with items was accepted. Since 1.1. */
export const OPENED = 11;

/** What a frame says: its head is metadata, its body a value; both JSON, or empty. */
export interface Content {
  readonly head: string;
  readonly body: string;
}

export const NOTHING: Content = { head: '', body: '' };

/** A frame as it lies in the bytes that were received. Valid only until the next one is read. */
export class Frame {
  type = 0;
  /** The call it belongs to; 0 for the connection itself. */
  id = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #head = 0;
  #body = 0;
  #end = 0;

  /** Looks at the frame that begins at `start`, of which everything is there. */
  view(bytes: Buffer, start: number): void {
    this.type = bytes[start + 4]!;
    this.id = readUint32(bytes, start + 8);
    this.#bytes = bytes;
    this.#head = start + HEADER_BYTES;
    this.#body = this.#head + headLength(bytes, start);
    this.#end = this.#head + readUint32(bytes, start);
  }

  get bodyBytes(): number {
    return this.#end - this.#body;
  }

  /** Throws `MALFORMED_JSON` for what is not UTF-8, as `body` does. */
  head(): string {
    return this.#text(this.#head, this.#body);
  }

  body(): string {
    return this.#text(this.#body, this.#end);
  }

  #text(from: number, to: number): string {
    if (from === to) return '';
    const text = this.#bytes.toString('utf8', from, to);
    // Broken bytes show as U+FFFD, which is also a character of its own.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(from, to))) throw notUtf8();
    return text;
  }
}

/** Bytes after the header. */
export function payloadLength(bytes: Buffer, start: number): number {
  return readUint32(bytes, start);
}

export function headLength(bytes: Buffer, start: number): number {
  return (bytes[start + 6]! << 8) | bytes[start + 7]!;
}

/** Writes the header of a frame of which everything else is in place. */
export function writeHeader(bytes: Buffer, start: number, { type, id, payload, head }: Header): void {
  writeUint32(bytes, start, payload);
  bytes[start + 4] = type;
  bytes[start + 5] = 0;
  bytes[start + 6] = head >>> 8;
  bytes[start + 7] = head;
  writeUint32(bytes, start + 8, id);
}

export interface Header {
  readonly type: number;
  readonly id: number;
  /** Bytes of head and body. */
  readonly payload: number;
  readonly head: number;
}

function readUint32(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function writeUint32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
