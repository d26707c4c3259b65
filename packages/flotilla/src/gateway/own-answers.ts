import { type Clock, FlotillaError, withTimeout } from '../kernel/index.ts';
import type { Health } from '../telemetry/index.ts';
import { type HttpResponse, methodNotAllowed } from '../transport/index.ts';

export interface OwnAnswersOptions {
  /** The whole system's health, by its parts. */
  health: () => Promise<Health>;
  /** False while the system starts or stops. */
  ready: () => boolean;
  clock: Clock;
}

export type OwnAnswers = (method: string, path: string, signal: AbortSignal) => Promise<HttpResponse>;

const HEALTH_TIMEOUT_MS = 5_000;

/**
 * Answers `/health` with everything that is known, `/readyz` with whether this process takes requests, and `/livez` as long as it
 * can answer at all. One service that is down is no reason to turn away requests for all others, so `/readyz` does not ask for
 * it. They pass no stage: who watches a system is never limited.
 */
export function createOwnAnswers({ health, ready, clock }: OwnAnswersOptions): OwnAnswers {
  const ask = (signal: AbortSignal): Promise<Health> =>
    withTimeout({ clock, timeoutMs: HEALTH_TIMEOUT_MS, signal, onTimeout: tooSlow }, () => health());
  return async (method, path, signal) => {
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, ['GET']);
    if (path === '/livez') return answer({ status: 'UP' });
    if (path === '/readyz') return answer(ready() ? { status: 'UP' } : { status: 'DOWN', reason: 'The system starts or stops.' });
    return answer(await ask(signal));
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
