import type { Random } from '../../kernel/index.ts';
import type { Endpoint } from './endpoint.ts';
import { warmth } from './slow-start.ts';

/** What a policy chooses from; never empty. */
export interface Choice {
  readonly candidates: readonly Endpoint[];
  /** All of one weight and none of them new. */
  readonly even: boolean;
  readonly now: number;
  readonly key: string | undefined;
}

export type Policy = (choice: Choice) => Endpoint;

export interface PolicyOptions {
  readonly random: Random;
  readonly slowStartMs: number;
}

/** The weight of an endpoint at this time: less than it will be while it is new. */
export function weightNow(endpoint: Endpoint, now: number, slowStartMs: number): number {
  return endpoint.instance.weight * warmth(endpoint, now, slowStartMs);
}

/** A policy that draws at random, each with the odds of its weight. */
export function randomPolicy({ random, slowStartMs }: PolicyOptions): Policy {
  return (choice) => draw(choice, { random, slowStartMs });
}

/** Draws one, but not `except` unless it is alone. */
export function draw(choice: Choice, options: PolicyOptions & { except?: Endpoint }): Endpoint {
  const { candidates, now } = choice;
  const { random, slowStartMs, except } = options;
  let total = 0;
  for (const one of candidates) if (one !== except) total += weightNow(one, now, slowStartMs);
  let left = random.next() * total;
  let last = candidates[0]!;
  for (const one of candidates) {
    if (one === except) continue;
    last = one;
    left -= weightNow(one, now, slowStartMs);
    if (left < 0) return one;
  }
  return last;
}
