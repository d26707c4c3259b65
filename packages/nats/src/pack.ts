import type { EventMessage } from 'flotilla/messaging';
import { messageTooLarge } from './errors.ts';

/** What goes over the wire as one message. */
export interface Parcel {
  /** The same for the same messages. */
  readonly id: string;
  /** A JSON list of CloudEvents. */
  readonly body: Buffer;
}

/** A batch in as few messages as the server's limit allows, in order. Throws `MESSAGE_TOO_LARGE` for one that no message can hold. */
export function pack(batch: readonly EventMessage[], limit: number): Parcel[] {
  const parcels: Parcel[] = [];
  let ids: string[] = [];
  let parts: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (ids.length > 0) parcels.push({ id: idOf(ids), body: Buffer.from(`[${parts.join(',')}]`) });
    [ids, parts, bytes] = [[], [], 0];
  };
  for (const message of batch) {
    const text = JSON.stringify(message);
    // With the bracket or comma before it, and the bracket after the last.
    const size = Buffer.byteLength(text) + 2;
    if (size > limit) throw messageTooLarge(message.id, { bytes: size, limit });
    if (bytes + size > limit) close();
    ids.push(message.id);
    parts.push(text);
    bytes += size;
  }
  close();
  return parcels;
}

/** Reads what `pack` wrote; throws when it is something else. */
export function unpack(body: Uint8Array): readonly EventMessage[] {
  const batch: unknown = JSON.parse(Buffer.from(body).toString());
  if (!Array.isArray(batch)) throw new TypeError('It is not a list.');
  // The inbox checks every envelope before it believes it.
  return batch as EventMessage[];
}

/** The number tells a batch from one with the same ends, after its target began to want more. */
const idOf = (ids: readonly string[]): string => (ids.length === 1 ? ids[0]! : `${ids[0]!}+${ids.length - 1}-${ids.at(-1)!}`);
