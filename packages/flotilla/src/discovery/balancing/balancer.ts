import { FlotillaError, isFlotillaError, type Runtime } from '../../kernel/index.ts';
import type { Instance } from '../instance.ts';
import { type Policy, type PolicyOptions, randomPolicy } from './choice.ts';
import type { Endpoint } from './endpoint.ts';
import { leastRequestPolicy } from './least-request.ts';
import { Outliers, type OutlierOptions } from './outlier.ts';
import { Pools, type Pool } from './pool.ts';
import { rendezvousPolicy } from './rendezvous.ts';
import { roundRobinPolicy } from './round-robin.ts';

export type BalancingPolicy = 'least-request' | 'weighted-round-robin' | 'random' | 'rendezvous';

export interface BalancerOptions {
  /** What is balanced, for messages. */
  readonly service: string;
  /** `least-request` unless said. */
  readonly policy?: BalancingPolicy | undefined;
  /** How long a newcomer is spared; 30 s unless said. It has no say with `rendezvous`, where it would move keys. */
  readonly slowStartMs?: number | undefined;
  readonly outliers?: OutlierOptions | undefined;
  readonly onEjected?: ((instance: Instance, forMs: number) => void) | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
}

export interface PickOptions {
  /** With `rendezvous`: calls with one key go to one instance. */
  readonly key?: string | undefined;
  /** The caller's; instances of the same zone are preferred for as long as there are any. */
  readonly zone?: string | undefined;
  /** Ids that were tried already. They are avoided unless nobody else is left. */
  readonly excluded?: ReadonlySet<string> | undefined;
}

/** How a call ended, as far as it speaks for or against its instance; `ignored` says nothing, as when the caller left. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** A call that has begun. */
export interface Flight {
  readonly instance: Instance;
}

export interface EndpointView {
  readonly instance: Instance;
  readonly inFlight: number;
  /** How much longer it is left alone; 0 when it is not. */
  readonly ejectedForMs: number;
}

/** Chooses among the instances of one service and learns from how calls end. Nothing in it waits or ticks. */
export interface Balancer {
  /** Throws `NO_ENDPOINTS` at once when there is nobody to call, and `INVALID_INSTANCE` for a weight that is none. */
  pick(instances: readonly Instance[], options?: PickOptions): Instance;
  begin(instance: Instance): Flight;
  /** To be called once for each `begin`. */
  end(flight: Flight, outcome: Outcome): void;
  /** The endpoints of the last list. */
  view(): readonly EndpointView[];
}

export function createBalancer(options: BalancerOptions): Balancer {
  return new PolicyBalancer(options);
}

/** What an error says about the instance that it came from. */
export function outcomeOf(error: unknown): Outcome {
  if (!isFlotillaError(error)) return 'failure';
  if (error.kind === 'cancelled') return 'ignored';
  return error.kind === 'unavailable' || error.kind === 'timeout' || error.kind === 'internal' ? 'failure' : 'success';
}

const SLOW_START_MS = 30_000;
/** When less than this share is in, those who are out are called too. */
const PANIC_SHARE = 0.5;
const POLICIES: Record<BalancingPolicy, (options: PolicyOptions) => Policy> = {
  'least-request': leastRequestPolicy,
  'weighted-round-robin': roundRobinPolicy,
  random: randomPolicy,
  rendezvous: rendezvousPolicy,
};

class PolicyBalancer implements Balancer {
  readonly #options: BalancerOptions;
  readonly #policy: Policy;
  readonly #outliers: Outliers;
  readonly #pools: Pools;
  /** Until when at least one endpoint is ejected: before any is, nobody has to be looked at. */
  #ejectionsUntil = -Infinity;

  constructor(options: BalancerOptions) {
    const { policy = 'least-request', slowStartMs = SLOW_START_MS, outliers = {}, runtime } = options;
    this.#options = options;
    this.#policy = POLICIES[policy]({ random: runtime.random, slowStartMs });
    this.#outliers = new Outliers(outliers, runtime.random);
    this.#pools = new Pools(slowStartMs);
  }

  pick(instances: readonly Instance[], { key, zone, excluded }: PickOptions = {}): Instance {
    const now = this.#options.runtime.clock.monotonic();
    const pool = this.#pools.of(instances, now);
    let candidates = this.#ejectionsUntil > now ? withoutEjected(pool.open, now) : pool.open;
    if (excluded !== undefined && excluded.size > 0) candidates = unlessNone(candidates, ({ id }) => !excluded.has(id));
    if (zone !== undefined) candidates = inZone(candidates, pool, zone);
    if (candidates.length === 0) throw noEndpoints(this.#options.service, instances.length);
    return this.#policy({ candidates, even: pool.uniform && now >= pool.warmAt, now, key }).instance;
  }

  begin(instance: Instance): Flight {
    const endpoint = this.#pools.find(instance);
    endpoint.inFlight += 1;
    return endpoint;
  }

  end(flight: Flight, outcome: Outcome): void {
    // Only `begin` makes flights.
    const endpoint = flight as Endpoint;
    endpoint.inFlight -= 1;
    if (outcome === 'success') this.#outliers.succeeded(endpoint);
    if (outcome !== 'failure') return;
    const now = this.#options.runtime.clock.monotonic();
    if (!this.#outliers.failed(endpoint, this.#pools.current.all, now)) return;
    this.#ejectionsUntil = Math.max(this.#ejectionsUntil, endpoint.ejectedUntil);
    this.#options.onEjected?.(endpoint.instance, endpoint.ejectedUntil - now);
  }

  view(): readonly EndpointView[] {
    const now = this.#options.runtime.clock.monotonic();
    return this.#pools.current.all.map(({ instance, inFlight, ejectedUntil }) => {
      return { instance, inFlight, ejectedForMs: Math.max(0, ejectedUntil - now) };
    });
  }
}

function withoutEjected(open: readonly Endpoint[], now: number): readonly Endpoint[] {
  const healthy = open.filter(({ ejectedUntil }) => ejectedUntil <= now);
  return healthy.length < PANIC_SHARE * open.length ? open : healthy;
}

function inZone(candidates: readonly Endpoint[], pool: Pool, zone: string): readonly Endpoint[] {
  if (candidates === pool.open) return pool.zones.get(zone) ?? candidates;
  return unlessNone(candidates, ({ instance }) => instance.zone === zone);
}

function unlessNone(candidates: readonly Endpoint[], wanted: (endpoint: Endpoint) => boolean): readonly Endpoint[] {
  const left = candidates.filter(wanted);
  return left.length > 0 ? left : candidates;
}

function noEndpoints(service: string, known: number): FlotillaError {
  const why = known === 0 ? 'no instance of it is known to be ready' : 'all of its instances have weight 0';
  return new FlotillaError('NO_ENDPOINTS', {
    kind: 'unavailable',
    message: `The service '${service}' can't be called: ${why}.`,
    details: { sent: false },
  });
}
