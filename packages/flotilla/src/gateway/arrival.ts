import { isFlotillaError, type Runtime } from '../kernel/index.ts';
import { anonymous } from '../security/index.ts';
import { childSpan, type Logger, parseTrace, startTrace } from '../telemetry/index.ts';
import { type HttpRequest, problemResponse } from '../transport/index.ts';
import { clientOf } from './client.ts';
import type { Exchange } from './exchange.ts';
import { cleanRequestHeaders } from './request-headers.ts';

/** What is known of a request before its route is. */
export type Arrival = Omit<Exchange, 'deadline'>;

const ID = /^[A-Za-z0-9._-]{1,128}$/;

export interface ArrivalOptions {
  readonly trustedHops: number;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/**
 * Names a request and places it in its trace. Ids are believed from our own proxies only; a trace that a client began goes
 * on, when it is well formed. Nothing is cleaned yet.
 */
export function arrive(request: HttpRequest, { trustedHops, runtime, log }: ArrivalOptions): Arrival {
  const trusted = trustedHops > 0 ? request.headers : {};
  const requestId = wellFormed(trusted['x-request-id']) ?? runtime.ids();
  const parent = parseTrace(request.headers.traceparent, request.headers.tracestate);
  return {
    request,
    requestId,
    correlationId: wellFormed(trusted['x-correlation-id']) ?? requestId,
    trace: parent ? childSpan(parent, runtime.random) : startTrace(runtime.random),
    client: clientOf(request, trustedHops),
    identity: anonymous,
    answerFailure: (thrown) => {
      if (!isFlotillaError(thrown)) log.error({ err: thrown, requestId }, 'A request failed unexpectedly.');
      return problemResponse(thrown, { instance: request.path, requestId });
    },
  };
}

/** The arrival as stages may see it. Throws `MALFORMED_REQUEST` when a connection header names what it must not. */
export function cleaned(arrival: Arrival): Arrival {
  return { ...arrival, request: { ...arrival.request, headers: cleanRequestHeaders(arrival.request.headers) } };
}

function wellFormed(id: string | undefined): string | undefined {
  return id !== undefined && ID.test(id) ? id : undefined;
}
