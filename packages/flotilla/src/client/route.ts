import { type Balancer, type Instance, outcomeOf } from '../discovery/index.ts';

/** Where the tries of calls to a service go that has instances elsewhere. */
export interface Route {
  /** Those that can be called now. */
  instances(): readonly Instance[];
  /** URLs of those that say nothing at present, although they were asked. They may be busy, or gone. */
  readonly silent?: ReadonlySet<string>;
  /** Chooses among them and learns from how tries end. */
  readonly balancer: Balancer;
}

/**
 * Chooses an instance for a try: not one that a try of the same call went to before, nor one that is silent, unless nobody else is
 * left.
 */
export function pickFrom({ instances, balancer, silent }: Route): (excluded: readonly Instance[]) => Instance {
  return (tried) => {
    const all = instances();
    const avoided = silent !== undefined && silent.size > 0 ? [...tried, ...all.filter(({ url }) => silent.has(url))] : tried;
    return balancer.pick(all, avoided.length > 0 ? { excluded: new Set(avoided.map(({ id }) => id)) } : {});
  };
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
