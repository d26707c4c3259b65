import { FlotillaError, isFlotillaError } from 'flotilla/kernel';
import { LostRace } from './lost-race.ts';

/** PostgreSQL's error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), by the names used there. */
const PROTOCOL_VIOLATION = '08P01';
const UNIQUE_VIOLATION = '23505';
const INTEGRITY_CONSTRAINT = '23';
const READ_ONLY_SQL_TRANSACTION = '25006';
const INVALID_AUTHORIZATION = '28';
const INVALID_CATALOG_NAME = '3D000';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const INSUFFICIENT_PRIVILEGE = '42501';
const INSUFFICIENT_RESOURCES = '53';
const DISK_FULL = '53100';
const DUPLICATE_DATABASE = '42P04';
/** The second is what the catalogue itself says when two create at the same moment. */
const DUPLICATES: ReadonlySet<string> = new Set([DUPLICATE_DATABASE, UNIQUE_VIOLATION]);
const TOO_MANY_CONNECTIONS = '53300';
const QUERY_CANCELED = '57014';
const CANNOT_CONNECT_NOW = '57P03';
/** Connection, resources, operator, system, internal. */
const OUTAGES: ReadonlySet<string> = new Set(['08', '53', '57', '58', 'XX']);

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** PostgreSQL's own code, or undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity !== undefined && SQLSTATE.test(code) ? code : undefined;
}

export const isUniqueViolation = (error: unknown): boolean => sqlState(error) === UNIQUE_VIOLATION;
export const isDuplicateDatabase = (error: unknown): boolean => DUPLICATES.has(sqlState(error) ?? '');
/** A pooler passes on what the server said and not its code. */
export const isUnknownDatabase = (error: unknown): boolean =>
  sqlState(error) === INVALID_CATALOG_NAME ||
  (sqlState(error) === PROTOCOL_VIOLATION && /database ".*" does not exist/.test(reason(error)));
export const isForbidden = (error: unknown): boolean => sqlState(error) === INSUFFICIENT_PRIVILEGE;

/** The transaction met others in a way that no serial order allows; run again from the start, it may succeed. */
export function isContention(error: unknown): boolean {
  const state = sqlState(error);
  return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED || error instanceof LostRace;
}

/** An error of the client library and not of the server: the connection is gone, or its answer never came. */
export const isDisconnection = (error: unknown): boolean => sqlState(error) === undefined && !isFlotillaError(error);

/** The server can't do the work for now: it stops, is full, or has a fault of its own. */
export function isOutage(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && OUTAGES.has(state.slice(0, 2)) && state !== QUERY_CANCELED;
}

export const isOutOfConnections = (error: unknown): boolean => sqlState(error) === TOO_MANY_CONNECTIONS;

/** It can't because something is used up; a commit that meets this was not made. */
export const isOutOfRoom = (error: unknown): boolean => sqlState(error)?.startsWith(INSUFFICIENT_RESOURCES) === true;

/** A failed statement of a service in words that are the same on every engine; anything else is passed on as it is. */
export function statementFailure(thrown: unknown): unknown {
  const state = sqlState(thrown);
  if (!(thrown instanceof Error) || state === undefined) return thrown;
  const { message } = thrown;
  if (state === UNIQUE_VIOLATION) return new FlotillaError('UNIQUE_VIOLATION', { kind: 'conflict', message, cause: thrown });
  if (state.startsWith(INTEGRITY_CONSTRAINT)) {
    return new FlotillaError('CONSTRAINT_VIOLATION', { kind: 'conflict', message, cause: thrown });
  }
  if (state === READ_ONLY_SQL_TRANSACTION) {
    const advice = 'This view of the database can only read. Write inside a transaction.';
    return new FlotillaError('READ_ONLY', { kind: 'internal', message: advice, cause: thrown });
  }
  return thrown;
}

/** The database did not take the work for now: out of reach, restarting, full. */
export function unavailable(service: string, cause: unknown): FlotillaError {
  return new FlotillaError('STORE_UNAVAILABLE', {
    kind: 'unavailable',
    message: `The database of '${service}' did not commit: ${reason(cause)}. Nothing of this work was kept; try again.`,
    cause,
  });
}

/** The connection was lost while the commit was under way. */
export function commitUnknown(service: string, cause: unknown): FlotillaError {
  return new FlotillaError('COMMIT_UNKNOWN', {
    kind: 'unavailable',
    message:
      `The connection to the database of '${service}' was lost during a commit: the work was kept whole or not at all. ` +
      'Try again with the same idempotency key, or look before doing it again.',
    cause,
  });
}

/** The database can't be opened at all, with a sentence for the operator. The address holds no password. */
export function dataUnavailable(address: string, cause: unknown): FlotillaError {
  return new FlotillaError('DATA_UNAVAILABLE', {
    kind: 'unavailable',
    retryable: false,
    message: `'${address}' can't be used: ${advice(cause)}`,
    cause,
  });
}

function advice(cause: unknown): string {
  const state = sqlState(cause) ?? '';
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'no server answers there. Start PostgreSQL, or correct the address.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is not known. Correct the address.';
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH') return 'its host does not answer. Check the address and the network.';
  if (state === INSUFFICIENT_PRIVILEGE) {
    return `its user lacks a right (${reason(cause)}). Grant it, or create the database for this user beforehand.`;
  }
  if (state.startsWith(INVALID_AUTHORIZATION)) return `it lets this user not in (${reason(cause)}). Correct user and password.`;
  if (state === CANNOT_CONNECT_NOW) return 'the server is starting or stopping. Try again in a moment.';
  if (state === TOO_MANY_CONNECTIONS) return 'the server has no connection left. Raise max_connections, or use fewer processes.';
  if (state === DISK_FULL) return 'the disk of the server is full. Free some space and start again.';
  if (state.startsWith(INSUFFICIENT_RESOURCES)) return `the server is out of resources (${reason(cause)}).`;
  if (state === PROTOCOL_VIOLATION && /startup parameter/.test(reason(cause))) {
    return `a pooler stands before it and refuses a setting (${reason(cause)}). Let its ignore_startup_parameters list options, statement_timeout and idle_in_transaction_session_timeout.`;
  }
  return `${reason(cause)}.`;
}

function reason(cause: unknown): string {
  const { code } = (cause ?? {}) as { code?: string };
  const text = cause instanceof Error ? cause.message : String(cause);
  return text || (code ?? 'unknown');
}
