/** What a process did to a file, or said to the world, in the order in which the kernel took it. */
export type Deed =
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'say'; readonly text: string };

/** Arguments for strace: the system calls to record, with paths beside descriptors and all bytes in hexadecimal. */
export const STRACE_OPTIONS: readonly string[] = [
  '-f',
  '-y',
  '-xx',
  '-s1048576',
  '-qq',
  '-e',
  'trace=openat,pwrite64,write,sendto,fsync,fdatasync,ftruncate,unlink',
  '-e',
  'signal=none',
];

const CALL = /^(\d+) +(\w+)\((.*?)(?:\) += (-?\w+)(?:<.*>)?.*| <unfinished \.\.\.>)$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*?)\) += (-?\w+)(?:<.*>)?.*$/;

interface Call {
  readonly name: string;
  readonly args: string;
  readonly result: string;
}

/**
 * Reads strace's record of a process and its children. A call counts when it returned, so one that was cut short by another thread
 * counts late. Paths are relative to the folder, which itself is the empty path; files elsewhere do not matter.
 */
export function readDeeds(record: string, folder: string): Deed[] {
  /** How far each file was written since it was opened, for calls that go on where the last one ended. */
  const reached = new Map<string, number>();
  return callsIn(record).flatMap((call) => deedOf(call, folder, reached));
}

function callsIn(record: string): Call[] {
  const begun = new Map<string, string>();
  return record.split('\n').flatMap((line) => {
    const [, resumer, again, rest, late] = RESUMED.exec(line) ?? [];
    if (resumer !== undefined) {
      const start = begun.get(resumer) ?? '';
      begun.delete(resumer);
      return { name: again!, args: start + rest!, result: late! };
    }
    const [, pid, name, args, result] = CALL.exec(line) ?? [];
    if (pid === undefined) return [];
    if (result !== undefined) return { name: name!, args: args!, result };
    begun.set(pid, args!);
    return [];
  });
}

function deedOf({ name, args, result }: Call, folder: string, reached: Map<string, number>): Deed[] {
  if (result.startsWith('-')) return [];
  const isSaid = name === 'sendto' || (name === 'write' && /^[12]</.test(args));
  if (isSaid) return [{ kind: 'say', text: bytesIn(args).toString('latin1') }];
  const path = pathIn(name, args, folder);
  if (path === undefined) return [];
  switch (name) {
    case 'pwrite64':
      return [{ kind: 'write', path, at: lastNumber(args), bytes: bytesIn(args).subarray(0, Number(result)) }];
    case 'write': {
      const at = reached.get(path) ?? 0;
      reached.set(path, at + Number(result));
      return [{ kind: 'write', path, at, bytes: bytesIn(args).subarray(0, Number(result)) }];
    }
    case 'ftruncate':
      return [{ kind: 'truncate', path, size: lastNumber(args) }];
    case 'fsync':
    case 'fdatasync':
      return [{ kind: 'sync', path }];
    case 'openat':
      reached.set(path, 0);
      return args.includes('O_CREAT') ? [{ kind: 'create', path }] : [];
    default:
      return [{ kind: 'remove', path }];
  }
}

function pathIn(name: string, args: string, folder: string): string | undefined {
  const isNamed = name === 'openat' || name === 'unlink';
  const path = isNamed ? bytesIn(args).toString() : unhex(/^\d+<(.*?)>/.exec(args)?.[1]).toString();
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

function bytesIn(args: string): Buffer {
  return unhex(/"((?:\\x[0-9a-f]{2})*)"/.exec(args)?.[1]);
}

function unhex(text = ''): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

function lastNumber(args: string): number {
  return Number(/(\d+)\s*$/.exec(args)![1]);
}
