import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from 'flotilla/kernel';

/** Notices when something in folders changes. */
export interface SourceWatch extends Disposable {
  /** From now on these folders, and no others. */
  follow(folders: readonly string[]): void;
}

/** An editor writes in several steps, a checkout many files: those are one change. */
const QUIET_MS = 100;

/**
 * Calls back once things are quiet again after a change. Whole folders are watched, because editors put a new file in the place
 * of the old one; what the change means is for others to find out.
 */
export function watchSources(clock: Clock, changed: () => void): SourceWatch {
  const watchers = new Map<string, FSWatcher>();
  let timer: Disposable | undefined;
  const touch = (): void => {
    timer?.[Symbol.dispose]();
    timer = clock.timer(QUIET_MS, changed);
  };
  const leave = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const enter = (folder: string): void => {
    if (watchers.has(folder)) return;
    try {
      // A folder that goes away says so by an error or by its parent; nobody needs more of it.
      watchers.set(
        folder,
        watch(folder, touch).on('error', () => leave(folder)),
      );
    } catch {
      // It went away this very moment, which its parent reports.
    }
  };
  return {
    follow: (folders) => {
      for (const folder of watchers.keys()) if (!folders.includes(folder)) leave(folder);
      for (const folder of folders) enter(folder);
    },
    [Symbol.dispose]: () => {
      timer?.[Symbol.dispose]();
      for (const folder of watchers.keys()) leave(folder);
    },
  };
}
