import { isDeepStrictEqual } from 'node:util';
import { copyJson } from '../kernel/index.ts';
import type { Snapshot, Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';

/** Writes snapshots beside the work that they came from: nobody waits for them, and one that is lost costs a longer fold only. */
export interface SnapshotKeeper extends AsyncDisposable {
  /** The data must not change afterwards. */
  keep(snapshot: Snapshot): void;
}

export function createSnapshotKeeper({ store, log }: { store: Pick<Store, 'events'>; log: Logger }): SnapshotKeeper {
  /** The latest of each stream. */
  const waiting = new Map<string, Snapshot>();
  let writing: Promise<void> | undefined;
  let closed = false;

  async function write(): Promise<void> {
    for (const [stream, snapshot] of waiting) {
      waiting.delete(stream);
      try {
        if (fits(snapshot, log)) await store.events.keepSnapshot(snapshot);
      } catch (err) {
        log.warn({ stream, err }, 'a snapshot was not kept');
      }
    }
    writing = undefined;
  }

  return {
    keep(snapshot) {
      if (closed) return;
      waiting.set(snapshot.stream, snapshot);
      writing ??= Promise.resolve().then(write);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await writing;
    },
  };
}

/** A state that JSON would change must not come back from a snapshot as something else. */
function fits({ stream, data }: Snapshot, log: Logger): boolean {
  if (isDeepStrictEqual(copyJson(data), data)) return true;
  log.error({ stream }, 'this state is no plain JSON, so it has no snapshots; drop the Dates, Maps and undefined from it');
  return false;
}
