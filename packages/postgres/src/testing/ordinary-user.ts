import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const NOBODY = 65_534;

/** PostgreSQL refuses to run as the superuser, so there it runs as nobody. */
export const ordinaryUser: Readonly<{ uid?: number; gid?: number }> =
  process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Runs a program to its end as an ordinary user; throws with what it printed when it fails. */
export async function runProgram(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<void> {
  const child = spawn(program, args, { ...ordinaryUser, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  // `close` comes with the exit code.
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${printed}`);
}
