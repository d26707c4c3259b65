import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Guard, GUARD_ENV, GUARDS, type Tests } from './guards.ts';
import { type Mutation, mutated } from './mutation.ts';

export const root: string = join(import.meta.dirname, '../..');
/** A test that hangs has noticed too. */
const PATIENCE_MS = 400_000;

/** `not run` where what the tests need is not on this machine. */
export type Verdict = 'caught' | 'hangs' | 'survives' | 'not run';

/** A copy of the repository to break things in. */
export interface Workshop extends AsyncDisposable {
  /** Whether the guard of a mutation fails under it; without a mutation, whether it fails anyway. */
  examine(guard: Guard, mutation?: Mutation): Promise<Verdict>;
}

export async function openWorkshop(): Promise<Workshop> {
  await using scope = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-mutate-'));
  scope.defer(() => rm(folder, { recursive: true, force: true }));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'packages', '*.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of listed.trim().split('\n')) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file may be listed and gone at once while somebody works on it.
    await cp(join(root, file), join(folder, file)).catch(() => undefined);
  }
  await linkModules(join(root, 'node_modules'), join(folder, 'node_modules'));
  const owned = scope.move();
  return {
    async examine(guard, mutation) {
      if (!mutation) return await run(folder, guard);
      const file = join(folder, mutation.file);
      const text = await readFile(file, 'utf8');
      await writeFile(file, mutated(mutation, text));
      try {
        return await run(folder, guard);
      } finally {
        await writeFile(file, text);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The same packages, but those of this repository are the copies: their links are relative, so they lead there by themselves. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === '@flotilla') await linkModules(source, target);
    else await symlink(entry.isSymbolicLink() ? await readlink(source) : source, target);
  }
}

async function run(folder: string, guard: Guard): Promise<Verdict> {
  const { files, named }: Tests = GUARDS[guard];
  const env = { ...process.env, ...GUARD_ENV };
  delete env.NODE_TEST_CONTEXT;
  const pattern = named === undefined ? [] : [`--test-name-pattern=${named}`];
  const args = ['--test', '--test-isolation=none', '--test-reporter=tap', ...pattern, ...files];
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  if (signal !== null) return 'hangs';
  if (/^# pass 0$/m.test(output) && code === 0) return 'not run';
  return code === 0 ? 'survives' : 'caught';
}
