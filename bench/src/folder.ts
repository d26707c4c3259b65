import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** An empty folder that disappears with its scope. */
export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** An empty folder that disappears with this process. */
export async function folderUntilExit(): Promise<string> {
  const { path } = await temporaryFolder();
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}
