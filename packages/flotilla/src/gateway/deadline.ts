import { type Clock, FlotillaError, withTimeout } from '../kernel/index.ts';
import type { Step } from './exchange.ts';
import type { Headers } from './hop-headers.ts';

const WHOLE_MS = /^\d{1,15}$/;

/** How long to work on a request: as long as the route allows, or less when the client says so. Junk says nothing. */
export function timeoutOf(headers: Headers, routeMs: number): number {
  const asked = headers['x-request-timeout-ms'];
  return asked !== undefined && WHOLE_MS.test(asked) ? Math.min(Number(asked), routeMs) : routeMs;
}

/** The stage that gives up on all stages after it when the exchange's deadline passes, and aborts their work. */
export function withinDeadline(clock: Clock, next: Step): Step {
  return async (exchange, signal) => {
    const timeoutMs = exchange.deadline - clock.monotonic();
    if (timeoutMs <= 0) throw late();
    return await withTimeout({ clock, timeoutMs, signal, onTimeout: late }, (inner) => next(exchange, inner));
  };
}

function late(): FlotillaError {
  return new FlotillaError('GATEWAY_TIMEOUT', { kind: 'timeout', message: 'The service did not answer in time.' });
}
