import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FlotillaError, systemRuntime as runtime } from 'flotilla/kernel';
import type { RunningProcess } from 'flotilla/store/sqlite';
import { wrongUsage } from './command.ts';

/** A system that runs, in one process or several. */
export interface Running {
  /** Its data folder. */
  readonly folder: string;
  /** Opens the internal HTTP API. */
  readonly key: string;
  readonly processes: readonly RunningProcess[];
}

const HOME = '.flotilla';

/** Finds the running system that is meant: on the given data folder, or the only one that runs below `.flotilla`. */
export async function findRunning(data: string | undefined): Promise<Running> {
  // Only now, so that help and mistakes are answered without loading the whole library.
  const { listRunning } = await import('flotilla/store/sqlite');
  const folders = data === undefined ? await foldersBelow(HOME) : [data];
  const found = await Promise.all(folders.map(async (folder) => ({ folder, processes: await listRunning(folder) })));
  const running = found.filter(({ processes }) => processes.length > 0);
  if (running.length > 1) {
    throw wrongUsage(`Several systems run here; choose one with --data: ${running.map(({ folder }) => folder).join(', ')}`);
  }
  const [only] = running;
  if (!only) throw notRunning(data);
  return { ...only, key: await keyOf(only.folder) };
}

/** The key of a system: the one that the environment gives its processes, or the one in its data folder. */
export async function keyOf(folder: string): Promise<string> {
  const given = runtime.env['FLOTILLA_SYSTEM_KEY'];
  if (given !== undefined) return given;
  try {
    return (await readFile(join(folder, 'system.key'), 'utf8')).trim();
  } catch (cause) {
    const message = `There is no key of a system in '${folder}'. Say where its data is with --data DIR, or set FLOTILLA_SYSTEM_KEY.`;
    throw new FlotillaError('SYSTEM_KEY_ABSENT', { kind: 'invalid', message, cause });
  }
}

async function foldersBelow(home: string): Promise<string[]> {
  const names = await readdir(home).catch(() => []);
  return names.map((name) => join(home, name));
}

/** Says that nothing runs where it was looked for. */
export function notRunning(data: string | undefined): FlotillaError {
  const where = data === undefined ? `below ${HOME} in this folder` : `on ${data}`;
  return new FlotillaError('SYSTEM_NOT_RUNNING', {
    kind: 'unavailable',
    message: `No system runs ${where}. Start one with 'flotilla dev SYSTEM', or say where it keeps its data with --data DIR.`,
  });
}
