import { type Choice, draw, type Policy, type PolicyOptions, weightNow } from './choice.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * Draws two and takes the one with fewer calls in flight for its weight. Almost as good as looking at all of them, and callers
 * that know nothing of each other do not all run to the same one.
 */
export function leastRequestPolicy(options: PolicyOptions): Policy {
  return (choice) => (choice.even ? ofTwo(choice.candidates, options) : ofTwoWeighted(choice, options));
}

function ofTwo(candidates: readonly Endpoint[], { random }: PolicyOptions): Endpoint {
  const count = candidates.length;
  if (count === 1) return candidates[0]!;
  const first = Math.floor(random.next() * count);
  const other = Math.floor(random.next() * (count - 1));
  const [left, right] = [candidates[first]!, candidates[other < first ? other : other + 1]!];
  return right.inFlight < left.inFlight ? right : left;
}

function ofTwoWeighted(choice: Choice, options: PolicyOptions): Endpoint {
  const left = draw(choice, options);
  const right = draw(choice, { ...options, except: left });
  // Drawn by weight already: when both are idle the first stands, or the lighter ones would never get a call.
  return loadOf(right, choice, options) < loadOf(left, choice, options) ? right : left;
}

function loadOf(endpoint: Endpoint, { now }: Choice, { slowStartMs }: PolicyOptions): number {
  return endpoint.inFlight / weightNow(endpoint, now, slowStartMs);
}
