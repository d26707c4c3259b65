import type { Stage } from './call.ts';
import { fallingBack } from './fallback.ts';
import { hedging } from './hedge.ts';
import { adapting, limiting, shedding } from './limiting.ts';
import type { LoadShedder } from './load-shedder.ts';
import { createRepeat, isWorthRetrying } from './retry.ts';
import { retrying } from './retrying.ts';
import { attempting } from './running-attempt.ts';
import type { Settings } from './settings.ts';
import type { Upstream } from './upstream.ts';

/**
 * The way of a call, composed once, from the inside out: breaker and timeouts, then retries or hedges, then limits, then the
 * fallback. The total deadline is no stage: every wait on the way ends by it.
 */
export function compose(settings: Settings, upstream: Upstream, shedder: LoadShedder | undefined): Stage {
  const { wheel, bulkhead, adaptive: limit, counts } = upstream;
  if (upstream.closed) return () => Promise.reject(upstream.closed);
  let way = repeating(settings, upstream);
  if (bulkhead && limit) way = adapting(way, { bulkhead, limit, isInForce: () => upstream.adaptive === limit }, wheel);
  else if (bulkhead) way = limiting(way, bulkhead, wheel);
  if (shedder) way = shedding(way, shedder);
  if (settings.fallback) way = fallingBack(way, settings.fallback, counts);
  return way;
}

function repeating({ retry, hedge }: Settings, upstream: Upstream): Stage {
  const { name, wheel, breaker, counts, budget, latencies, runtime } = upstream;
  const once = attempting({ name, wheel, breaker, counts });
  if (hedge) return hedging(once, { name, wheel, breaker, counts, settings: hedge, budget, latencies });
  if (retry) return retrying(once, createRepeat({ settings: retry, runtime, budget, retryable: isWorthRetrying }), budget);
  return once;
}
