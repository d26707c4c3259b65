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
 * Answers `/health` with everything that is known, `/readyz` with whether requests make sense now, and `/livez` as long as
 * the process can answer at all. They pass no stage: who watches a system is never limited.
 */
export function createOwnAnswers({ health, ready, clock }: OwnAnswersOptions): OwnAnswers {
  const ask = (signal: AbortSignal): Promise<Health> =>
    withTimeout({ clock, timeoutMs: HEALTH_TIMEOUT_MS, signal, onTimeout: tooSlow }, () => health());
  return async (method, path, signal) => {
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, ['GET']);
    if (path === '/livez') return answer({ status: 'UP' });
    if (path === '/readyz' && !ready()) return answer({ status: 'DOWN', reason: 'The system starts or stops.' });
    const state = await ask(signal);
    return answer(path === '/readyz' ? { status: state.status } : state);
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
