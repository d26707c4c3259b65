import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Instance } from '../instance.ts';
import { repeat } from '../pace.ts';
import type { InstanceSource } from '../source.ts';
import { parseInstanceList } from './instance-list.ts';

export interface FileSourceOptions {
  readonly file: string;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/** Whoever writes a file does so in several steps. */
const SETTLE_MS = 200;
/** Notices what the operating system does not tell: network file systems, symbolic links further up. */
const LOOK_MS = 2_000;

/** Instances listed in a file, followed while it changes. A file that is missing or wrong leaves the last good list in place. */
export function fileSource({ file, runtime, log }: FileSourceOptions): InstanceSource {
  const { clock } = runtime;
  return {
    description: `file ${file}`,
    watch(listener) {
      const look = reader({ file, log, listener });
      const stack = new DisposableStack();
      let settling: Disposable | undefined;
      const soon = (): void => {
        settling?.[Symbol.dispose]();
        settling = clock.timer(SETTLE_MS, look);
      };
      stack.defer(() => settling?.[Symbol.dispose]());
      stack.use(watchFolder(dirname(file), soon));
      const everyLook = (): number => LOOK_MS;
      stack.use(repeat(clock, everyLook, look));
      look();
      return stack;
    },
  };
}

interface ReaderOptions {
  readonly file: string;
  readonly log: Logger;
  readonly listener: (instances: readonly Instance[]) => void;
}

/** Reads the file and tells the list when its text is new. Each text is complained about once. */
function reader({ file, log, listener }: ReaderOptions): () => void {
  let last: string | undefined;
  return () => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if (last !== '') log.warn({ err: error, file }, "the list of instances can't be read; going on with the last one");
      last = '';
      return;
    }
    if (text === last) return;
    last = text;
    let instances: Instance[];
    try {
      instances = parseInstanceList(text, file);
    } catch (error) {
      log.warn({ err: error, file }, 'the list of instances is wrong; going on with the last good one');
      return;
    }
    listener(instances);
  };
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
