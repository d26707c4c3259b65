import { FlotillaError, toFlotillaError } from '../kernel/index.ts';
import type { RateLimiter } from '../resilience/index.ts';
import type { TokenVerifier } from '../security/index.ts';
import type { HttpResponse } from '../transport/index.ts';
import { type Exchange, type Step, withHeaders } from './exchange.ts';
import { limit } from './limit.ts';

export interface AuthenticateOptions {
  verifier: TokenVerifier;
  /** Whether the route is for signed-in users only. */
  required: boolean;
  /** Bounds how many bad tokens one network may try. */
  limiter: RateLimiter | undefined;
}

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/**
 * Finds out who calls. No token passes where none is required; a token that is there but no good is refused everywhere,
 * because an answer for nobody would look as if the user had lost what is theirs. The token itself goes no further. Refusals count
 * for the network that they came from, so that nobody can try tokens, or our patience in checking them, without an end.
 */
export function authenticate({ verifier, required, limiter }: AuthenticateOptions, next: Step): Step {
  return async (exchange, signal) => {
    const { authorization, ...headers } = exchange.request.headers;
    if (authorization === undefined && !required) return next(exchange, signal);
    let identity;
    try {
      identity = await verifier.verify(bearerToken(authorization), signal);
    } catch (error) {
      const failure = toFlotillaError(error);
      const refused: Step = async () => refuse(exchange, failure);
      const isTheirs = failure.kind === 'unauthenticated';
      return await (limiter && isTheirs ? limit(limiter, refused) : refused)(exchange, signal);
    }
    return next({ ...exchange, identity, request: { ...exchange.request, headers } }, signal);
  };
}

function bearerToken(authorization: string | undefined): string {
  const advice = 'Sign in and send the token: authorization: Bearer, a space, the token.';
  if (authorization === undefined) throw unauthenticated('UNAUTHENTICATED', advice);
  const match = BEARER.exec(authorization);
  if (!match) throw unauthenticated('INVALID_TOKEN', `This is no bearer token. ${advice}`);
  return match[1]!;
}

function refuse(exchange: Exchange, error: FlotillaError): HttpResponse {
  const response = exchange.answerFailure(error);
  if (error.kind !== 'unauthenticated') return response;
  const challenge = error.code === 'UNAUTHENTICATED' ? 'Bearer' : 'Bearer error="invalid_token"';
  return withHeaders(response, { 'www-authenticate': challenge });
}

function unauthenticated(code: string, message: string): FlotillaError {
  return new FlotillaError(code, { kind: 'unauthenticated', message });
}
