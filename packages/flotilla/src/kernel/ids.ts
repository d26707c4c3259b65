import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Makes unique ids. */
export type Ids = () => string;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const BYTES_PER_ID = 10;
const POOL_BYTES = BYTES_PER_ID * 256;
const COUNTER_END = 0x1000;

/**
 * UUID version 7 (RFC 9562), strictly rising within one process: ids of one millisecond carry a counter in the twelve bits
 * after the time (method 1 of section 6.2), which borrows from the next millisecond when it is full.
 */
export function uuidV7(clock: Clock, random: Random): Ids {
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;
  let lastMs = 0;
  let counter = 0;
  return () => {
    if (used >= pool.length) {
      pool = random.bytes(POOL_BYTES);
      used = 0;
    }
    const now = clock.now();
    if (now > lastMs) {
      lastMs = now;
      // Half of the range is left for counting on from the random start.
      counter = ((pool[used]! & 0x07) << 8) | pool[used + 1]!;
    } else if (++counter === COUNTER_END) {
      lastMs += 1;
      counter = 0;
    }
    const time = Math.floor(lastMs).toString(16).padStart(12, '0');
    const hex = (offset: number): string => HEX[pool[used + offset]!]!;
    const variant = HEX[0x80 | (pool[used + 2]! & 0x3f)]! + hex(3);
    const tail = hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9);
    used += BYTES_PER_ID;
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}-${tail}`;
  };
}
