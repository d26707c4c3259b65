import type { CallOutcome } from '../telemetry/index.ts';
import { type HttpResponse, kindOfStatus } from '../transport/index.ts';
import type { Arrival } from './arrival.ts';
import { timeoutOf } from './deadline.ts';
import type { RouteConfig } from './route-config.ts';

/** A request and what became of it. */
export interface Answered {
  readonly arrival: Arrival;
  /** Undefined when none matched. */
  readonly route: Pick<RouteConfig, 'path' | 'timeoutMs'> | undefined;
  readonly response: HttpResponse;
  readonly ms: number;
  /** True when the client did not wait for the answer. */
  readonly left: boolean;
}

const OUT_OF_TIME = 504;

/** Names a request in counts: of these there are no more than the configuration has. */
export function nameOf({ arrival, route }: Answered): string {
  return route ? `${arrival.request.method} ${route.path}` : 'no route';
}

export function outcomeOf({ response, left }: Answered): CallOutcome {
  if (left) return 'cancelled';
  return response.status < 400 ? 'ok' : kindOfStatus(response.status);
}

/** True for a failure of the system; a client that gives it less time than the route does has itself to thank. */
export function isFault({ arrival, route, response, left }: Answered): boolean {
  if (left || response.status < 500) return false;
  const isHurried = route !== undefined && timeoutOf(arrival.request.headers, route.timeoutMs) < route.timeoutMs;
  return response.status !== OUT_OF_TIME || !isHurried;
}
