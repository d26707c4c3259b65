import { createHash } from 'node:crypto';
import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';
import { repeat } from './repeat.ts';

export interface WatchFilesOptions {
  readonly files: readonly string[];
  readonly clock: Clock;
  /** The files say something else than before, and have rested since. */
  readonly changed: () => void;
}

/** Whoever writes a file does so in several steps. */
const SETTLE_MS = 200;
/** Notices what the operating system does not tell: network file systems, symbolic links further up. */
const LOOK_MS = 2_000;

/**
 * Tells when the contents of some files have changed and stayed as they are for 200 ms: seen within 2.2 s however they were
 * changed, and once however many steps it took. A file that is absent is a content too. It holds no process alive.
 */
export function watchFiles({ files, clock, changed }: WatchFilesOptions): Disposable {
  let known = markOf(files);
  let settling: { readonly mark: string; readonly timer: Disposable } | undefined;
  const look = (): void => {
    const mark = markOf(files);
    if (mark === settling?.mark) return;
    settling?.timer[Symbol.dispose]();
    settling = mark === known ? undefined : { mark, timer: clock.timer(SETTLE_MS, () => settle(mark)) };
  };
  const settle = (mark: string): void => {
    settling = undefined;
    if (markOf(files) !== mark) return look();
    known = mark;
    changed();
  };
  const stack = new DisposableStack();
  for (const folder of new Set(files.map((file) => dirname(file)))) stack.use(watchFolder(folder, look));
  stack.use(repeat(clock, () => LOOK_MS, look));
  stack.defer(() => settling?.timer[Symbol.dispose]());
  return stack;
}

/** Changes with the contents. */
function markOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(contentOf(file)).update('\0');
  return hash.digest('base64');
}

function contentOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** The folder, not the file: editors replace files, and a mounted one is a link that is moved. */
function watchFolder(folder: string, onChange: () => void): Disposable {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    // Looking every now and then is enough.
    return { [Symbol.dispose]: () => undefined };
  }
}
