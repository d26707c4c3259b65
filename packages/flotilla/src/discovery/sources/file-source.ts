import { readFileSync } from 'node:fs';
import { type Runtime, watchFiles } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Instance } from '../instance.ts';
import type { InstanceSource } from '../source.ts';
import { parseInstanceList } from './instance-list.ts';

export interface FileSourceOptions {
  readonly file: string;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/** Instances listed in a file, followed while it changes. A file that is missing or wrong leaves the last good list in place. */
export function fileSource({ file, runtime, log }: FileSourceOptions): InstanceSource {
  return {
    description: `file ${file}`,
    watch(listener) {
      const read = (): void => {
        const instances = readList(file, log);
        if (instances) listener(instances);
      };
      const watching = watchFiles({ files: [file], clock: runtime.clock, changed: read });
      read();
      return watching;
    },
  };
}

/** Undefined when the file has no good list to offer; the log then says why. */
function readList(file: string, log: Logger): Instance[] | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    log.warn({ err: error, file }, "the list of instances can't be read; going on with the last one");
    return undefined;
  }
  try {
    return parseInstanceList(text, file);
  } catch (error) {
    log.warn({ err: error, file }, 'the list of instances is wrong; going on with the last good one');
    return undefined;
  }
}
