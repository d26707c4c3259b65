import { type ErrorKind, FlotillaError, parseJson } from '../../kernel/index.ts';
import { carried } from '../border.ts';
import type { HttpResponse } from '../http-message.ts';
import { isErrorKind, kindOfStatus, statusOf } from './status.ts';

export const PROBLEM_TYPE = 'application/problem+json';
const TYPE_PREFIX = 'https://flotilla.dev/errors/';
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const MAX_RETRY_AFTER_S = 86_400;

const TITLES: Readonly<Record<ErrorKind, string>> = {
  invalid: 'The request is not valid',
  unauthenticated: 'Sign in first',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'In conflict with the present state',
  exhausted: 'Too many requests',
  unavailable: 'Unavailable',
  timeout: 'Out of time',
  cancelled: 'The caller went away',
  internal: 'Unexpected failure',
};

/** An error on HTTP: RFC 9457 with what a Flotilla client needs to rebuild it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly request_id?: string;
  readonly details?: unknown;
}

export interface ProblemOptions {
  /** The path that was asked for. */
  instance?: string;
  requestId?: string;
}

/** Answers a failure. Anything that is not a Flotilla error, and every internal one, shows only its code. */
export function problemResponse(thrown: unknown, { instance, requestId }: ProblemOptions = {}): HttpResponse {
  const { code, kind, message, retryable, details } = carried(thrown);
  const problem: Problem = {
    type: TYPE_PREFIX + code,
    title: TITLES[kind],
    status: statusOf({ code, kind }),
    detail: message,
    ...(instance !== undefined && { instance }),
    code,
    kind,
    retryable,
    ...(requestId !== undefined && { request_id: requestId }),
    ...(details !== undefined && { details }),
  };
  return { status: problem.status, headers: problemHeaders(problem), body: JSON.stringify(problem) };
}

function problemHeaders({ status, details }: Problem): Record<string, string> {
  const facts = isRecord(details) ? details : {};
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' };
  if (typeof facts.retryAfterMs === 'number' && facts.retryAfterMs >= 0) {
    headers['retry-after'] = String(Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(facts.retryAfterMs / 1000))));
  }
  if (status === 405 && Array.isArray(facts.allow)) headers.allow = facts.allow.join(', ');
  return headers;
}

/** The error behind a bad answer: exactly ours when it is one of ours, otherwise the best reading of a foreign status. */
export function errorFromProblem(status: number, headers: Readonly<Record<string, string>>, body: string): FlotillaError {
  const problem = headers['content-type']?.startsWith(PROBLEM_TYPE) ? readProblem(body) : {};
  const kind = isErrorKind(problem.kind) ? problem.kind : kindOfStatus(status);
  const code = typeof problem.code === 'string' && CODE.test(problem.code) ? problem.code : 'UPSTREAM_FAILED';
  const details = problem.details ?? retryAfterDetails(headers['retry-after']);
  return new FlotillaError(code, {
    kind,
    message: typeof problem.detail === 'string' ? problem.detail : `The service answered with status ${status}.`,
    ...(typeof problem.retryable === 'boolean' && { retryable: problem.retryable }),
    ...(details !== undefined && { details }),
  });
}

function readProblem(body: string): Record<string, unknown> {
  try {
    const value = parseJson(body);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function retryAfterDetails(retryAfter: string | undefined): { retryAfterMs: number } | undefined {
  return retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter) ? { retryAfterMs: Number(retryAfter) * 1000 } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
