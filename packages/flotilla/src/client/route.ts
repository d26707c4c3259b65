import { type Balancer, type Instance, outcomeOf } from '../discovery/index.ts';

/** Where the tries of calls to a service go that has instances elsewhere. */
export interface Route {
  /** Those that can be called now. */
  instances(): readonly Instance[];
  /** Chooses among them and learns from how tries end. */
  readonly balancer: Balancer;
}

/** Chooses an instance for a try, and not one that a try of the same call went to before, unless nobody else is left. */
export function pickFrom({ instances, balancer }: Route): (excluded: readonly Instance[]) => Instance {
  return (excluded) => balancer.pick(instances(), excluded.length > 0 ? { excluded: new Set(excluded.map(({ id }) => id)) } : {});
}

/** Makes a try at an instance and lets the balancer know how it went. */
export async function tryAt<TResult>({ balancer }: Route, instance: Instance, work: () => Promise<TResult>): Promise<TResult> {
  const flight = balancer.begin(instance);
  try {
    const result = await work();
    balancer.end(flight, 'success');
    return result;
  } catch (thrown) {
    balancer.end(flight, outcomeOf(thrown));
    throw thrown;
  }
}
