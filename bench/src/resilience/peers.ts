import { createRequire } from 'node:module';
import * as cockatiel from 'cockatiel';

export type Run = () => Promise<unknown>;

interface OpossumBreaker {
  fire(): Promise<unknown>;
  shutdown(): void;
}

// opossum comes without types; this is the part of its documentation that is used here.
const OpossumBreaker = createRequire(import.meta.url)('opossum') as new (
  action: Run,
  options: { timeout: number | false },
) => OpossumBreaker;

/** The breaker of opossum, at its best: without the timeout that it has unless told. */
export function opossumBreaker(work: Run): OpossumBreaker {
  return new OpossumBreaker(work, { timeout: false });
}

/** 50 % of the calls in 10 s, as ours. */
function cockatielBreakerPolicy(): cockatiel.CircuitBreakerPolicy {
  const breaker = new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 });
  return cockatiel.circuitBreaker(cockatiel.handleAll, { halfOpenAfter: 10_000, breaker });
}

export function cockatielBreaker(work: Run): Run {
  const policy = cockatielBreakerPolicy();
  return () => policy.execute(work);
}

/** Fallback, bulkhead, retry, breaker and timeout, in the order of ours. The timeout ends work that ignores its signal, as ours does. */
export function cockatielFive(work: Run): Run {
  const policy = cockatiel.wrap(
    cockatiel.fallback(cockatiel.handleAll, 'instead'),
    cockatiel.bulkhead(100),
    cockatiel.retry(cockatiel.handleAll, { maxAttempts: 2, backoff: new cockatiel.ExponentialBackoff() }),
    cockatielBreakerPolicy(),
    cockatiel.timeout(5_000, cockatiel.TimeoutStrategy.Aggressive),
  );
  return () => policy.execute(work);
}
