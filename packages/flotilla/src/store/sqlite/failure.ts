import { FlotillaError } from '../../kernel/index.ts';

/** SQLite's result codes (https://www.sqlite.org/rescode.html), by the names used there. */
const PERM = 3;
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;
const CONSTRAINT_PRIMARYKEY = CONSTRAINT | (6 << 8);
const CONSTRAINT_UNIQUE = CONSTRAINT | (8 << 8);

const PRIMARY = 0xff;

/** SQLite's extended result code, or undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null | undefined)?.errcode;
  return typeof code === 'number' ? code : undefined;
}

function isPrimary(error: unknown, code: number): boolean {
  return ((resultCode(error) ?? 0) & PRIMARY) === code;
}

export const isBusy = (error: unknown): boolean => isPrimary(error, BUSY);

export function isUniqueViolation(error: unknown): boolean {
  const code = resultCode(error);
  return code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARYKEY;
}

/** A failed statement of a service in words that are the same on every engine; anything else is passed on as it is. */
export function statementFailure(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  if (isUniqueViolation(thrown)) {
    return new FlotillaError('UNIQUE_VIOLATION', { kind: 'conflict', message: `${thrown.message}.`, cause: thrown });
  }
  if (isPrimary(thrown, CONSTRAINT)) {
    return new FlotillaError('CONSTRAINT_VIOLATION', { kind: 'conflict', message: `${thrown.message}.`, cause: thrown });
  }
  if (isPrimary(thrown, READONLY)) {
    const message = 'This view of the database can only read. Write inside a transaction.';
    return new FlotillaError('READ_ONLY', { kind: 'internal', message, cause: thrown });
  }
  return thrown;
}

/** The database did not take the work for now: busy with another process, disk full, or an input/output error. */
export function unavailable(service: string, cause: unknown): FlotillaError {
  return new FlotillaError('STORE_UNAVAILABLE', {
    kind: 'unavailable',
    message: `The database of '${service}' did not commit: ${reason(cause)}. Nothing of this work was kept; try again.`,
    cause,
  });
}

/** The database can't be opened at all, with a sentence for the operator. */
export function dataUnavailable(path: string, cause: unknown): FlotillaError {
  return new FlotillaError('DATA_UNAVAILABLE', {
    kind: 'unavailable',
    retryable: false,
    message: `'${path}' can't be used: ${advice(cause)}`,
    cause,
  });
}

function advice(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (isPrimary(cause, CORRUPT) || isPrimary(cause, NOTADB)) {
    return 'it is damaged or no SQLite database. Restore it from a backup, or move it away to start empty.';
  }
  if (isPrimary(cause, READONLY) || isPrimary(cause, PERM) || code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return 'it is read-only. Give this user the right to write there, or choose another data folder.';
  }
  if (isPrimary(cause, FULL) || code === 'ENOSPC') return 'the disk is full. Free some space and start again.';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'it is not a folder. Choose another data folder.';
  if (isPrimary(cause, BUSY)) return 'another process holds it. Wait for that process, or stop it, and start again.';
  if (isPrimary(cause, CANTOPEN)) return "it can't be opened. Check that its folder exists and may be read and written.";
  return `${reason(cause)}.`;
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
