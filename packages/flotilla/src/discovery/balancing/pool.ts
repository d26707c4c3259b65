import { checkInstance, type Instance } from '../instance.ts';
import { type Endpoint, newEndpoint } from './endpoint.ts';
import { hashText } from './hash.ts';

/** A list of instances made ready for choosing; made anew only when the list changes. */
export interface Pool {
  readonly all: readonly Endpoint[];
  /** Those that may get new calls: a weight of 0 drains. */
  readonly open: readonly Endpoint[];
  readonly zones: ReadonlyMap<string, readonly Endpoint[]>;
  /** All of one weight, so that a choice need not weigh. */
  readonly uniform: boolean;
  /** Monotonic time from which on nobody is new any more. */
  readonly warmAt: number;
}

/** Remembers endpoints from list to list, so that accounting survives changes; a newer incarnation starts afresh. */
export class Pools {
  readonly #slowStartMs: number;
  #list: readonly Instance[] | undefined;
  #pool: Pool = { all: [], open: [], zones: new Map(), uniform: true, warmAt: -Infinity };
  #endpoints: ReadonlyMap<string, Endpoint> = new Map();

  constructor(slowStartMs: number) {
    this.#slowStartMs = slowStartMs;
  }

  get current(): Pool {
    return this.#pool;
  }

  /** Throws `INVALID_INSTANCE` for a weight that is none. */
  of(instances: readonly Instance[], now: number): Pool {
    if (instances === this.#list) return this.#pool;
    instances.forEach(checkInstance);
    // Those that were there first are all equally new: nobody would gain by warming them up.
    const since = this.#list === undefined || this.#endpoints.size === 0 ? -Infinity : now;
    const all = instances.map((instance) => this.#endpointOf(instance, since));
    this.#endpoints = new Map(all.map((endpoint) => [endpoint.id, endpoint]));
    this.#list = instances;
    return (this.#pool = poolOf(all, this.#slowStartMs));
  }

  /** The endpoint of an instance; one of its own for an instance that is no longer listed. */
  find(instance: Instance): Endpoint {
    const known = this.#endpoints.get(instance.id);
    if (known?.instance.epoch === instance.epoch) return known;
    return newEndpoint(instance, { since: -Infinity, hash: 0 });
  }

  #endpointOf(instance: Instance, since: number): Endpoint {
    const known = this.#endpoints.get(instance.id);
    if (known?.instance.epoch !== instance.epoch) return newEndpoint(instance, { since, hash: hashText(instance.id) });
    known.instance = instance;
    return known;
  }
}

function poolOf(all: readonly Endpoint[], slowStartMs: number): Pool {
  const open = all.filter(({ instance }) => instance.weight > 0);
  const zones = new Map<string, Endpoint[]>();
  for (const endpoint of open) {
    const { zone } = endpoint.instance;
    if (zone !== undefined) zones.set(zone, [...(zones.get(zone) ?? []), endpoint]);
  }
  const uniform = open.every(({ instance }) => instance.weight === open[0]!.instance.weight);
  const warmAt = open.reduce((latest, { since }) => Math.max(latest, since), -Infinity) + slowStartMs;
  return { all, open, zones, uniform, warmAt };
}
