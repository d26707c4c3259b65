import { type Clock, FlotillaError, withTimeout } from '../kernel/index.ts';
import type { Health } from '../telemetry/index.ts';
import { type HttpResponse, methodNotAllowed } from '../transport/index.ts';

export interface OwnAnswersOptions {
  /** The whole system's health, by its parts. */
  health: () => Promise<Health>;
  /** Whether work should be sent here. */
  ready: () => Promise<Health>;
  clock: Clock;
}

export type OwnAnswers = (method: string, path: string, signal: AbortSignal) => Promise<HttpResponse>;

const HEALTH_TIMEOUT_MS = 5_000;

/**
 * Answers `/health` with everything that is known, `/readyz` with whether this process should be sent work, and `/livez` as long as
 * it can answer at all. One service that is down is no reason to turn away requests for all others. They pass no stage: who
 * watches a system is never limited.
 */
export function createOwnAnswers({ health, ready, clock }: OwnAnswersOptions): OwnAnswers {
  const ask = (what: () => Promise<Health>, signal: AbortSignal): Promise<Health> =>
    withTimeout({ clock, timeoutMs: HEALTH_TIMEOUT_MS, signal, onTimeout: tooSlow }, what);
  return async (method, path, signal) => {
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, ['GET']);
    if (path === '/livez') return answer({ status: 'UP' });
    return answer(await ask(path === '/readyz' ? ready : health, signal));
  };
}

function answer(health: Health): HttpResponse {
  return {
    status: health.status === 'DOWN' ? 503 : 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(health),
  };
}

function tooSlow(): FlotillaError {
  return new FlotillaError('HEALTH_UNKNOWN', {
    kind: 'unavailable',
    message: 'The health of the system could not be found out in time.',
  });
}
