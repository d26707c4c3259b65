import { anonymous, type Identity } from '../../security/index.ts';
import type { TraceContext } from '../../telemetry/index.ts';
import type { Call } from '../call.ts';
import { callerNamed, MAX_TIMEOUT_MS } from '../http/headers.ts';
import { checkIdempotencyKey } from '../idempotency-key.ts';
import { parseJsonText } from '../json-text.ts';
import { notJson } from '../not-json.ts';
import { type Content, type Frame, SUBSCRIBE } from './frame.ts';
import { protocolError } from './protocol-error.ts';

/** A call as the content of a frame; no more than `longestMs` is left for it. Throws `INPUT_NOT_JSON`. */
export function writeCall(call: Call, longestMs: number = MAX_TIMEOUT_MS): Content {
  const { service, operation, metadata } = call;
  const { trace, identity, idempotencyKey, caller } = metadata;
  // No bound becomes `null`, as it does in all JSON.
  const remainingMs = Math.max(0, Math.floor(Math.min(metadata.remainingMs, longestMs)));
  const head: unknown[] = [service, operation, remainingMs, metadata.attempt];
  head.push(trace.traceId, trace.spanId, trace.flags, metadata.correlationId, caller.name);
  const isSignedIn = identity.subject !== undefined;
  // Whatever is absent at the end is left out.
  if (idempotencyKey !== undefined || isSignedIn || trace.tracestate !== undefined) {
    head.push(idempotencyKey ?? null, isSignedIn ? [identity.subject, identity.roles, identity.scopes] : null);
    if (trace.tracestate !== undefined) head.push(trace.tracestate);
  }
  return { head: JSON.stringify(head), body: writeInput(call) };
}

function writeInput(call: Call): string {
  try {
    return (JSON.stringify(call.input) as string | undefined) ?? '';
  } catch (cause) {
    throw notJson(call, cause);
  }
}

/**
 * Reads a call. Throws `PROTOCOL_ERROR` when the other side does not know how to write one; every other error is about this
 * call only.
 */
export function readCall(frame: Frame): Call {
  const head = parseHead(frame.head());
  const [service, operation, remainingMs, attempt, traceId, spanId, flags, correlationId, caller, key, identity, state] = head;
  const metadata = {
    identity: identity === null || identity === undefined ? anonymous : readIdentity(identity),
    caller: callerNamed(text(caller)),
    trace: readTrace({ traceId, spanId, flags, tracestate: state }),
    correlationId: text(correlationId),
    remainingMs: frame.type === SUBSCRIBE ? number(remainingMs ?? Infinity) : Math.min(number(remainingMs), MAX_TIMEOUT_MS),
    idempotencyKey: key === null || key === undefined ? undefined : checkIdempotencyKey(text(key)),
    attempt: number(attempt),
  };
  const body = frame.body();
  return { service: text(service), operation: text(operation), input: body === '' ? undefined : parseJsonText(body), metadata };
}

function parseHead(json: string): readonly unknown[] {
  let head: unknown;
  try {
    head = JSON.parse(json);
  } catch (cause) {
    throw malformed(cause);
  }
  // Later versions may have more in it.
  if (!Array.isArray(head) || head.length < 9) throw malformed();
  return head;
}

function readTrace({ traceId, spanId, flags, tracestate }: Record<keyof TraceContext, unknown>): TraceContext {
  const trace = { traceId: text(traceId), spanId: text(spanId), flags: number(flags) };
  return typeof tracestate === 'string' ? { ...trace, tracestate } : trace;
}

function readIdentity(given: unknown): Identity {
  if (!Array.isArray(given)) throw malformed();
  const [subject, roles, scopes] = given as unknown[];
  return { subject: text(subject), roles: texts(roles), scopes: texts(scopes) };
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) throw malformed();
  return value.map(text);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw malformed();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw malformed();
  return value;
}

function malformed(cause?: unknown): Error {
  return protocolError('the head of a call does not say what it must', cause);
}
