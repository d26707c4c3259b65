import { type Policy, type PolicyOptions, weightNow } from './choice.ts';

/**
 * Smooth weighted round robin: each turn everybody earns their weight, the richest is taken and pays what all earned. Weights
 * of 5, 1 and 1 give a a b a c a a, never five in a row and then the others.
 */
export function roundRobinPolicy({ slowStartMs }: PolicyOptions): Policy {
  return ({ candidates, now }) => {
    let total = 0;
    let richest = candidates[0]!;
    for (const endpoint of candidates) {
      const weight = weightNow(endpoint, now, slowStartMs);
      total += weight;
      endpoint.credit += weight;
      if (endpoint.credit > richest.credit) richest = endpoint;
    }
    richest.credit -= total;
    return richest;
  };
}
