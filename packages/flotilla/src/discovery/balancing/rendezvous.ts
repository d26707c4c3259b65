import type { Choice, Policy, PolicyOptions } from './choice.ts';
import type { Endpoint } from './endpoint.ts';
import { combine, hashText } from './hash.ts';
import { leastRequestPolicy } from './least-request.ts';

/** Nobody carries more than this times its share of the calls in flight; what is above goes to the next in line. */
const LOAD_BOUND = 1.25;

/**
 * The same key goes to the same endpoint: each endpoint rates the key, and the best rating wins, so that one that comes or goes
 * moves its own keys only. Calls without a key go by least request.
 */
export function rendezvousPolicy(options: PolicyOptions): Policy {
  const keyless = leastRequestPolicy(options);
  return (choice) => (choice.key === undefined ? keyless(choice) : best(choice, hashText(choice.key)));
}

function best({ candidates }: Choice, key: number): Endpoint {
  let [weights, inFlight] = [0, 1];
  for (const endpoint of candidates) {
    weights += endpoint.instance.weight;
    inFlight += endpoint.inFlight;
  }
  let first: Endpoint | undefined;
  let firstRating = -Infinity;
  for (const endpoint of candidates) {
    const { weight } = endpoint.instance;
    if (endpoint.inFlight + 1 > Math.ceil((LOAD_BOUND * inFlight * weight) / weights)) continue;
    // The weighted form of the highest random number: a weight of 2 wins twice as often as 1, and moves no key of others.
    const rating = -weight / Math.log((combine(key, endpoint.hash) + 0.5) / 2 ** 32);
    if (rating > firstRating) [first, firstRating] = [endpoint, rating];
  }
  // The bounds add up to more than all calls, so somebody is always below.
  return first!;
}
