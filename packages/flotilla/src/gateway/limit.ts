import { FlotillaError } from '../kernel/index.ts';
import type { Rate, RateDecision, RateLimiter } from '../resilience/index.ts';
import { networkOf } from './client.ts';
import { type Exchange, type Step, withHeaders } from './exchange.ts';

/**
 * Counts each request for its user, or for its client's network where nobody is signed in, before anything is forwarded;
 * nothing is given back. Every answer says what is left (draft-ietf-httpapi-ratelimit-headers).
 */
export function limit(limiter: RateLimiter, next: Step): Step {
  const policy = policyHeader(limiter.rate);
  return async (exchange, signal) => {
    const decision = limiter.take(limitKey(exchange));
    const response = decision.allowed
      ? await next(exchange, signal).catch(exchange.answerFailure)
      : exchange.answerFailure(limited(decision));
    return withHeaders(response, { 'ratelimit-policy': policy, ratelimit: stateHeader(decision) });
  };
}

function limitKey({ identity, client }: Exchange): string {
  return identity.subject === undefined ? `network ${networkOf(client.address)}` : `user ${identity.subject}`;
}

function policyHeader({ limit: quota, windowMs }: Rate): string {
  return `"default";q=${quota};w=${windowMs / 1000}`;
}

function stateHeader({ remaining, resetMs }: RateDecision): string {
  return `"default";r=${remaining};t=${Math.max(1, Math.ceil(resetMs / 1000))}`;
}

function limited({ limit: quota, resetMs }: RateDecision): FlotillaError {
  return new FlotillaError('RATE_LIMITED', {
    kind: 'exhausted',
    message: `Too many requests: this route allows ${quota} in its window. Try again when the answer says.`,
    details: { retryAfterMs: Math.ceil(resetMs) },
  });
}
