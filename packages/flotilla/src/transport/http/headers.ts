import { timingSafeEqual } from 'node:crypto';
import { deadlineExceeded, type Runtime } from '../../kernel/index.ts';
import { anonymous, type Caller, type Identity } from '../../security/index.ts';
import { parseTrace, startTrace, traceparent } from '../../telemetry/index.ts';
import type { CallMetadata } from '../call.ts';
import { checkIdempotencyKey } from '../idempotency-key.ts';
import { readHeaderList, readHeaderText, writeHeaderList, writeHeaderText } from './header-text.ts';

type Headers = Readonly<Record<string, string>>;

/** No caller may hold a part of the system for longer. */
export const MAX_TIMEOUT_MS = 300_000;
export const DEFAULT_TIMEOUT_MS = 15_000;
const NUMBER = /^-?\d{1,20}(?:\.\d{1,20})?(?:e\d{1,3})?$/i;
const OUTSIDE: Caller = Object.freeze({ internal: false, name: 'outside' });

export interface MetadataReaderOptions {
  /** What parts of one system prove themselves with. */
  systemKey: string;
  runtime: Runtime;
  /** For callers that set no limit. */
  defaultTimeoutMs?: number | undefined;
}

/** The headers that carry a call's metadata, with the key that makes the receiver believe them. */
export function metadataHeaders(metadata: CallMetadata, systemKey: string): Record<string, string> {
  const { identity, caller, trace, idempotencyKey } = metadata;
  const headers: Record<string, string> = {
    'x-internal-key': systemKey,
    'x-caller': writeHeaderText(caller.name),
    'x-correlation-id': writeHeaderText(metadata.correlationId),
    'x-request-timeout-ms': String(Math.max(0, Math.floor(Math.min(metadata.remainingMs, MAX_TIMEOUT_MS)))),
    'x-request-attempt': String(metadata.attempt),
    traceparent: traceparent(trace),
  };
  if (identity.subject !== undefined) headers['x-user-id'] = writeHeaderText(identity.subject);
  if (identity.roles.length > 0) headers['x-user-roles'] = writeHeaderList(identity.roles);
  if (identity.scopes.length > 0) headers['x-user-scopes'] = writeHeaderList(identity.scopes);
  if (trace.tracestate !== undefined) headers.tracestate = trace.tracestate;
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  return headers;
}

/**
 * Reads a call's metadata. Identity, caller and correlation count only with the system key; trace, time limit and idempotency
 * key may come from anybody. Throws `DEADLINE_EXCEEDED` when no time is left and `INVALID_IDEMPOTENCY_KEY`.
 */
export function createMetadataReader(options: MetadataReaderOptions): (headers: Headers) => CallMetadata {
  const { runtime, defaultTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const knowsKey = createKeyCheck(options.systemKey);
  return (headers) => {
    const trusted = headers['x-internal-key'] !== undefined && knowsKey(headers['x-internal-key']);
    const key = headers['idempotency-key'];
    return {
      identity: trusted ? readIdentity(headers) : anonymous,
      caller: trusted ? callerNamed(readHeaderText(headers['x-caller']) ?? 'unnamed') : OUTSIDE,
      trace: parseTrace(headers.traceparent, headers.tracestate) ?? startTrace(runtime.random),
      correlationId: (trusted && readHeaderText(headers['x-correlation-id'])) || runtime.ids(),
      remainingMs: readTimeout(headers['x-request-timeout-ms'], defaultTimeoutMs),
      idempotencyKey: key === undefined ? undefined : checkIdempotencyKey(key),
      attempt: trusted ? Math.max(1, readNumber(headers['x-request-attempt']) ?? 1) : 1,
    };
  };
}

/** Compares in constant time, so that nobody can find the key byte by byte. */
export function createKeyCheck(systemKey: string): (presented: string) => boolean {
  const expected = Buffer.from(systemKey);
  return (presented) => {
    const given = Buffer.from(presented);
    return expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
  };
}

function readIdentity(headers: Headers): Identity {
  const subject = readHeaderText(headers['x-user-id']);
  if (subject === undefined) return anonymous;
  return { subject, roles: readHeaderList(headers['x-user-roles']), scopes: readHeaderList(headers['x-user-scopes']) };
}

/**
 * Who a part of the system that holds the key says it is. A gateway calls for users outside, so it is bound by their rights
 * although it holds the key.
 */
export function callerNamed(name: string): Caller {
  return { internal: name !== 'gateway', name };
}

function readTimeout(text: string | undefined, defaultMs: number): number {
  const given = readNumber(text) ?? defaultMs;
  if (given <= 0) throw deadlineExceeded('The call');
  return Math.min(given, MAX_TIMEOUT_MS);
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}
