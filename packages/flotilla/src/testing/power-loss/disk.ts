import type { Deed } from './syscalls.ts';
import type { Random } from '../../kernel/index.ts';

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512;

type Change = Extract<Deed, { kind: 'write' | 'truncate' }>;

interface File {
  /** Is there after a power cut for certain. */
  isDurable: boolean;
  synced: Buffer;
  /** Since the last sync: the disk may have done any of it. */
  pending: Change[];
}

/** A disk with a cache that forgets: what was synced stays, and of everything else any part may be there after the power was cut. */
export class ForgetfulDisk {
  readonly #files = new Map<string, File>();

  /** Files that have been there for long. */
  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    for (const [path, synced] of files) this.#files.set(path, { isDurable: true, synced, pending: [] });
  }

  apply(deed: Deed): void {
    switch (deed.kind) {
      case 'create':
        this.#fileOf(deed.path);
        break;
      case 'write':
      case 'truncate':
        this.#fileOf(deed.path).pending.push(deed);
        break;
      case 'sync':
        this.#sync(deed.path);
        break;
      case 'remove':
        this.#files.delete(deed.path);
        break;
      case 'say':
    }
  }

  /** The files as they may be found when the power comes back. */
  cut(random: Random): Map<string, Buffer> {
    const left = [...this.#files].filter(([, { isDurable }]) => isDurable || random.next() < 0.5);
    // Now and then nothing, or everything, because chance alone would hardly ever choose that.
    const share = [0, 1, random.next()][Math.floor(random.next() * 3)]!;
    return new Map(left.map(([path, file]) => [path, remains(file, () => random.next() < share)]));
  }

  #fileOf(path: string): File {
    let file = this.#files.get(path);
    if (!file) this.#files.set(path, (file = { isDurable: false, synced: Buffer.alloc(0), pending: [] }));
    return file;
  }

  /** A synced folder keeps the names of its files; a synced file keeps what is in it, and its name (as ext4 and XFS do). */
  #sync(path: string): void {
    if (path === '') {
      for (const file of this.#files.values()) file.isDurable = true;
      return;
    }
    const file = this.#fileOf(path);
    file.synced = remains(file, () => true);
    file.pending = [];
    file.isDurable = true;
  }
}

/** A file with those of its pending changes that reached the disk, sector by sector. */
function remains({ synced, pending }: File, reached: () => boolean): Buffer {
  const ends = pending.map((change) => (change.kind === 'write' ? change.at + change.bytes.length : change.size));
  const room = Buffer.alloc(Math.max(synced.length, ...ends));
  synced.copy(room);
  let size = synced.length;
  for (const change of pending) {
    if (change.kind === 'truncate') {
      if (!reached()) continue;
      room.fill(0, Math.min(size, change.size));
      size = change.size;
      continue;
    }
    for (const { at, bytes } of sectorsOf(change)) {
      if (!reached()) continue;
      bytes.copy(room, at);
      size = Math.max(size, at + bytes.length);
    }
  }
  return room.subarray(0, size);
}

function sectorsOf({ at, bytes }: Extract<Change, { kind: 'write' }>): { at: number; bytes: Buffer }[] {
  const first = SECTOR_BYTES - (at % SECTOR_BYTES);
  const count = 1 + Math.max(0, Math.ceil((bytes.length - first) / SECTOR_BYTES));
  return Array.from({ length: count }, (_, index) => {
    const start = index === 0 ? 0 : first + (index - 1) * SECTOR_BYTES;
    return { at: at + start, bytes: bytes.subarray(start, first + index * SECTOR_BYTES) };
  });
}
