import * as cockatiel from 'cockatiel';

type Run = () => Promise<unknown>;

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
