import { createHash } from 'node:crypto';
import { chmod, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FlotillaError, type Random } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';

const KEY_BYTES = 32;
const OTHERS = 0o077;

/**
 * What machines that share no folder remember together: which key is theirs, without knowing it. Keeps the fingerprint unless
 * one is kept already, and returns the one that is kept; without an argument it only looks.
 */
export type KeySeal = (fingerprint?: string) => Promise<string | undefined>;

/** How a process comes to the key when others may have it already. */
export interface KeyAgreement {
  /** By the environment or the configuration; the folder then holds none. */
  readonly given?: string | undefined;
  readonly seal?: KeySeal | undefined;
}

export interface SystemKeyOptions extends KeyAgreement {
  readonly folder: string;
  readonly random: Random;
  readonly log: Logger;
}

/** The secret that the parts of one system know each other by. It is made once: never while the system has one elsewhere. */
export async function systemKey({ folder, given, seal, random, log }: SystemKeyOptions): Promise<string> {
  const path = join(folder, 'system.key');
  let known = given ?? (await read(path, log));
  if (known === undefined && (await seal?.()) !== undefined) {
    // Another process of this machine may have made both in the meantime: the key first, then the seal.
    known = await read(path, log);
    if (known === undefined) throw missing(path);
  }
  const key = known ?? (await create(path, Buffer.from(random.bytes(KEY_BYTES)).toString('base64url')));
  const kept = await seal?.(fingerprintOf(key));
  if (kept === undefined || kept === fingerprintOf(key)) return key;
  // Another machine made one at the same moment, and was faster.
  if (known === undefined) await rm(path, { force: true });
  throw known === undefined ? missing(path) : wrong(given === undefined ? path : 'FLOTILLA_SYSTEM_KEY');
}

/** Says nothing about the key: 256 random bits can't be guessed from it. */
function fingerprintOf(key: string): string {
  return createHash('sha256').update(`flotilla system key\n${key}`).digest('base64url');
}

async function read(path: string, log: Logger): Promise<string | undefined> {
  const kept = await readFile(path, 'utf8').catch(absent);
  if (kept !== undefined && ((await stat(path)).mode & OTHERS) !== 0) {
    log.warn({ path }, 'other users of this machine can read the system key; run chmod 600 on it');
  }
  return kept?.trim();
}

/** Written aside and linked, so that of two processes that start together both read the key of the one that came first. */
async function create(path: string, key: string): Promise<string> {
  const aside = `${path}.${fingerprintOf(key)}`;
  await writeFile(aside, key, { mode: 0o600 });
  await chmod(aside, 0o600);
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

const REMEDY = 'Copy system.key from the data folder of a machine that runs it, or set FLOTILLA_SYSTEM_KEY to what it holds.';

function missing(path: string): FlotillaError {
  return new FlotillaError('SYSTEM_KEY_MISSING', {
    kind: 'unavailable',
    retryable: false,
    message: `The system has a key already, and it is not at '${path}'. ${REMEDY}`,
  });
}

function wrong(where: string): FlotillaError {
  return new FlotillaError('SYSTEM_KEY_WRONG', {
    kind: 'unavailable',
    retryable: false,
    message: `The key in ${where} is not the one that the system uses. ${REMEDY}`,
  });
}
