import { chmod, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';

const KEY_BYTES = 32;
const OTHERS = 0o077;

export interface SystemKeyOptions {
  readonly folder: string;
  readonly random: Random;
  readonly log: Logger;
}

/** The secret that the parts of one system know each other by: read from the data folder, or made on its first use. */
export async function systemKey({ folder, random, log }: SystemKeyOptions): Promise<string> {
  const path = join(folder, 'system.key');
  const kept = await readFile(path, 'utf8').catch(absent);
  if (kept === undefined) {
    await create(path, Buffer.from(random.bytes(KEY_BYTES)).toString('base64url'));
    return (await readFile(path, 'utf8')).trim();
  }
  if (((await stat(path)).mode & OTHERS) !== 0) {
    log.warn({ path }, 'other users of this machine can read the system key; run chmod 600 on it');
  }
  return kept.trim();
}

/** Written aside and linked, so that of two processes that start together both read the key of the one that came first. */
async function create(path: string, key: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  await writeFile(aside, key, { mode: 0o600 });
  await chmod(aside, 0o600);
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
