import type { Instance } from '../instance.ts';
import type { Registry, RegistryEvent } from '../registry.ts';

/** An instance with the revisions at which it came and changed last. */
export interface Entry {
  readonly instance: Instance;
  readonly created: number;
  readonly modified: number;
}

/** Follows the registry and knows at which revision each service changed last, which is what blocking queries wait for. */
export class Catalog implements Disposable {
  /** False while the registry is away; what was known last is served on. */
  isCurrent = false;
  /** False until the registry has answered for the first time. */
  isKnown = false;
  readonly #entries = new Map<string, Entry>();
  readonly #changedAt = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  readonly #watch: Disposable;
  #revision = 1;
  #closed = false;

  constructor(registry: Registry) {
    this.#watch = registry.watch(undefined, (event) => this.#hear(event));
  }

  /** Sorted by service and id. */
  entries(service?: string): Entry[] {
    const all = [...this.#entries.values()];
    const wanted = service === undefined ? all : all.filter(({ instance }) => instance.service === service);
    return wanted.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** The last revision that changed the service, or anything when none is named. */
  index(service?: string): number {
    if (this.#closed) return 0;
    return service === undefined ? this.#revision : (this.#changedAt.get(service) ?? 1);
  }

  /** Calls back after each change of anything, and when this is closed. */
  onChange(callback: () => void): Disposable {
    this.#waiting.add(callback);
    return { [Symbol.dispose]: () => void this.#waiting.delete(callback) };
  }

  #hear(event: RegistryEvent): void {
    this.isCurrent = event.kind !== 'lost';
    if (event.kind === 'lost') return;
    this.isKnown = true;
    this.#revision = event.revision;
    if (event.kind === 'snapshot') this.#replace(event.instances);
    else {
      for (const change of event.changes) {
        if (change.kind === 'put') this.#put(change.instance);
        else this.#remove(change.id, change.service);
      }
    }
    this.#wakeAll();
  }

  #replace(instances: readonly Instance[]): void {
    const listed = new Set(instances.map(({ id }) => id));
    for (const [id, { instance }] of this.#entries) if (!listed.has(id)) this.#remove(id, instance.service);
    for (const instance of instances) this.#put(instance);
    // Revisions may have begun anew: nobody is to wait for one that will not come again.
    for (const service of this.#changedAt.keys()) this.#changedAt.set(service, this.#revision);
  }

  #put(instance: Instance): void {
    const created = this.#entries.get(instance.id)?.created ?? this.#revision;
    this.#entries.set(instance.id, { instance, created, modified: this.#revision });
    this.#changedAt.set(instance.service, this.#revision);
  }

  #remove(id: string, service: string): void {
    this.#entries.delete(id);
    this.#changedAt.set(service, this.#revision);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#closed = true;
    this.#wakeAll();
  }
}

function keyOf({ instance }: Entry): string {
  return `${instance.service}\0${instance.id}`;
}
