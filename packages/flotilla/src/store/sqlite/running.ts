import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that runs a system, or a part of it, as it wrote itself down in the data folder. */
export interface RunningProcess {
  readonly system: string;
  readonly pid: number;
  readonly services: readonly string[];
  /** Where its services answer inside calls. */
  readonly internalUrl: string;
  readonly gatewayUrl?: string | undefined;
  /** What kind of store it was started with: `sqlite`, `postgres`. Where that is, may be a secret. */
  readonly store?: string | undefined;
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
}

const notesIn = (folder: string): string => join(folder, 'run');
const noteOf = (folder: string, pid: number): string => join(notesIn(folder), `${pid}.json`);

/** The processes that run on a data folder now. A process that was killed leaves its note behind; it is passed over. */
export async function listRunning(folder: string): Promise<RunningProcess[]> {
  const names = await readdir(notesIn(folder)).catch(() => []);
  const notes = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => readNote(folder, name)));
  return notes.filter((note) => note !== undefined).filter(({ pid }) => isAlive(pid));
}

async function readNote(folder: string, name: string): Promise<RunningProcess | undefined> {
  try {
    // Only `writeNote` writes here, whole or not at all.
    return JSON.parse(await readFile(join(notesIn(folder), name), 'utf8')) as RunningProcess;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Renaming makes the note appear whole: a reader never sees half of it. */
export async function writeNote(folder: string, note: RunningProcess): Promise<void> {
  const path = noteOf(folder, note.pid);
  await writeFile(`${path}.tmp`, JSON.stringify(note, undefined, 2), { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

export async function removeNote(folder: string, pid: number): Promise<void> {
  await rm(noteOf(folder, pid), { force: true });
}

/** For the only process on a folder: every note that lies there is from one that died. */
export async function removeAllNotes(folder: string): Promise<void> {
  for (const name of await readdir(notesIn(folder))) await rm(join(notesIn(folder), name), { force: true });
}
