import { type Clock, FlotillaError, withTimeout } from '../kernel/index.ts';
import type { HttpResponse } from '../transport/index.ts';
import type { Exchange, Step } from './exchange.ts';
import type { Headers } from './hop-headers.ts';

const WHOLE_MS = /^\d{1,15}$/;

/** How long to work on a request: as long as the route allows, or less when the client says so. Junk says nothing. */
export function timeoutOf(headers: Headers, routeMs: number): number {
  const asked = headers['x-request-timeout-ms'];
  return asked !== undefined && WHOLE_MS.test(asked) ? Math.min(Number(asked), routeMs) : routeMs;
}

/** Runs the rest of the route until the exchange's deadline; after it the answer is `GATEWAY_TIMEOUT` and the work is aborted. */
export async function beforeDeadline(clock: Clock, exchange: Exchange, work: WithSignal): Promise<HttpResponse> {
  const { step, signal } = work;
  const timeoutMs = exchange.deadline - clock.monotonic();
  if (timeoutMs <= 0) throw late();
  return await withTimeout({ clock, timeoutMs, signal, onTimeout: late }, (inner) => step(exchange, inner));
}

export interface WithSignal {
  readonly step: Step;
  readonly signal: AbortSignal;
}

function late(): FlotillaError {
  return new FlotillaError('GATEWAY_TIMEOUT', { kind: 'timeout', message: 'The service did not answer in time.' });
}
