import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Deed, readDeeds, STRACE_OPTIONS } from './syscalls.ts';

/** Why nothing can be recorded on this machine, in one line; undefined when it can. */
export function recordingProblem(): string | undefined {
  const { error, status } = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' });
  if (error) return 'no strace on this machine: apt-get install strace';
  return status === 0 ? undefined : 'this machine does not let a process be traced (ptrace)';
}

/** Everything that a worker does to its files and says, from its start to its end. */
export async function recordWorker(units: number, durability: 'full' | 'normal'): Promise<Deed[]> {
  await using scope = new AsyncDisposableStack();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'flotilla-power-')));
  scope.defer(() => rm(folder, { recursive: true }));
  const [data, record] = [join(folder, 'data'), join(folder, 'record')];
  const worker = [join(import.meta.dirname, 'worker.child.ts'), data, String(units), durability];
  await promisify(execFile)('strace', [...STRACE_OPTIONS, '-o', record, process.execPath, ...worker]);
  return readDeeds(await readFile(record, 'latin1'), data);
}
