import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Makes unique ids. */
export type Ids = () => string;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const POOL_BYTES = 10 * 256;

/** UUID version 7 (RFC 9562): sorts by creation time, which keeps database indexes compact. */
export function uuidV7(clock: Clock, random: Random): Ids {
  let pool: Uint8Array = new Uint8Array(0);
  let used = POOL_BYTES;
  return () => {
    if (used >= pool.length) {
      pool = random.bytes(POOL_BYTES);
      used = 0;
    }
    const time = clock.now().toString(16).padStart(12, '0');
    const hex = (offset: number): string => HEX[pool[used + offset]!]!;
    const version = HEX[0x70 | (pool[used]! & 0x0f)]! + hex(1);
    const variant = HEX[0x80 | (pool[used + 2]! & 0x3f)]! + hex(3);
    const tail = hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9);
    used += 10;
    return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${tail}`;
  };
}
