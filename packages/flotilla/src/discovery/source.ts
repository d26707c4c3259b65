import type { Instance } from './instance.ts';

/**
 * Says where things are that Flotilla does not start: a file of instances, DNS, addresses that are written down. It calls back
 * with its whole list once it has one and whenever the list changes; a list that can't be had for now changes nothing.
 */
export interface InstanceSource {
  /** For people: `file instances.yaml`. */
  readonly description: string;
  /** Follows the list until disposed. */
  watch(listener: (instances: readonly Instance[]) => void): Disposable;
}
