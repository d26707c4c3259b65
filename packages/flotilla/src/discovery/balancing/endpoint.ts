import type { Instance } from '../instance.ts';

/** What a balancer knows of an instance beyond what the registry says. */
export interface Endpoint {
  readonly id: string;
  instance: Instance;
  /** Calls that have begun and not ended. */
  inFlight: number;
  /** Monotonic time at which this balancer first saw it; -Infinity for those that were there first. */
  readonly since: number;
  /** For the rendezvous policy: its id as a number. */
  readonly hash: number;
  /** For weighted round robin: what it is owed. */
  credit: number;

  /** Failures in a row. */
  failures: number;
  /** Monotonic time at which it may be called again. */
  ejectedUntil: number;
  /** How often it was ejected lately. */
  ejections: number;
}

export interface EndpointOptions {
  readonly since: number;
  readonly hash: number;
}

export function newEndpoint(instance: Instance, { since, hash }: EndpointOptions): Endpoint {
  const { id } = instance;
  return { id, instance, inFlight: 0, since, hash, credit: 0, failures: 0, ejectedUntil: -Infinity, ejections: 0 };
}
