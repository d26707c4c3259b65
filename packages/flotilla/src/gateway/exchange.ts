import type { Identity } from '../security/index.ts';
import type { TraceContext } from '../telemetry/index.ts';
import type { HttpRequest, HttpResponse } from '../transport/index.ts';
import type { Client } from './client.ts';

/** One request on its way through the stages of its route. */
export interface Exchange {
  /** Cleaned: no header of it can be taken for something that the gateway says. */
  readonly request: HttpRequest;
  readonly requestId: string;
  readonly correlationId: string;
  readonly trace: TraceContext;
  readonly client: Client;
  readonly identity: Identity;
  /** The moment, on the monotonic clock, from which on nobody wants the answer. */
  readonly deadline: number;
  /** Makes the answer of a failure; one that nobody expected is logged. */
  readonly answerFailure: (thrown: unknown) => HttpResponse;
}

/**
 * A stage of a route with all stages after it. Routes are put together once, when the configuration is read: a stage that a
 * route does not need is not there.
 */
export type Step = (exchange: Exchange, signal: AbortSignal) => Promise<HttpResponse>;

/** The same answer with more headers. */
export function withHeaders(response: HttpResponse, headers: Readonly<Record<string, string>>): HttpResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
