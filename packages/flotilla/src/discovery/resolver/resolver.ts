import { type Runtime, untilAborted } from '../../kernel/index.ts';
import { type Health, type Logger, overall } from '../../telemetry/index.ts';
import type { Instance } from '../instance.ts';
import type { Registry } from '../registry.ts';
import type { InstanceSource } from '../source.ts';
import { RegistryFollower } from './registry-follower.ts';
import { grouped } from './usable.ts';

export interface ResolverOptions {
  readonly registry?: Registry | undefined;
  /** Other places that know instances. Of two with one id, the newer incarnation counts. */
  readonly sources?: readonly InstanceSource[] | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/**
 * Knows who can be called now, without asking anybody: it follows the registry and goes on with the last known good list while
 * the registry is away, slow, wiped or wrong.
 */
export interface Resolver extends Disposable {
  /**
   * The instances of a service that should be called: those that pass or warn, or, when these are less than half, the critical
   * ones as well. The list is the same object until it changes.
   */
  instances(service: string): readonly Instance[];
  /** Everything that is known, whatever its status. */
  all(): readonly Instance[];
  /** Calls back after each change of what is known. */
  onChange(listener: () => void): Disposable;
  /** Resolves with the list once it is not empty. Rejects when the signal aborts. */
  found(service: string, signal: AbortSignal): Promise<readonly Instance[]>;
  /** DEGRADED while a list may be out of date. */
  health(): Health;
}

export function createResolver(options: ResolverOptions): Resolver {
  return new FollowingResolver(options);
}

class FollowingResolver implements Resolver {
  readonly #stack = new DisposableStack();
  readonly #listeners = new Set<() => void>();
  readonly #log: Logger;
  readonly #registry: RegistryFollower | undefined;
  readonly #lists = new Map<InstanceSource, readonly Instance[]>();
  readonly #sources: readonly InstanceSource[];
  #groups: ReadonlyMap<string, readonly Instance[]> = new Map();
  #isCurrent = false;

  constructor({ registry, sources = [], runtime, log }: ResolverOptions) {
    this.#log = log;
    this.#sources = sources;
    const onChange = (): void => this.#changed();
    this.#registry = registry && this.#stack.use(new RegistryFollower({ registry, runtime, log, onChange }));
    for (const source of sources) {
      this.#stack.use(
        source.watch((instances) => {
          this.#lists.set(source, instances);
          this.#changed();
        }),
      );
    }
  }

  instances(service: string): readonly Instance[] {
    if (!this.#isCurrent) {
      this.#groups = grouped(this.all(), this.#groups);
      this.#isCurrent = true;
    }
    return this.#groups.get(service) ?? NOBODY;
  }

  all(): readonly Instance[] {
    const known = new Map<string, Instance>();
    for (const instance of [...(this.#registry?.roster.all() ?? []), ...[...this.#lists.values()].flat()]) {
      const other = known.get(instance.id);
      if (!other || other.epoch < instance.epoch) known.set(instance.id, instance);
    }
    return [...known.values()];
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async found(service: string, signal: AbortSignal): Promise<readonly Instance[]> {
    for (;;) {
      const list = this.instances(service);
      if (list.length > 0) return list;
      const { promise, resolve } = Promise.withResolvers<void>();
      using _listening = this.onChange(resolve);
      await untilAborted(signal, promise);
    }
  }

  health(): Health {
    const parts: Record<string, Health> = {};
    const problem = this.#registry?.problem;
    if (problem) parts.registry = { status: 'DEGRADED', reason: problem.message };
    else if (this.#registry) parts.registry = { status: 'UP' };
    for (const source of this.#sources) {
      const reason = `${source.description} has not given a list yet.`;
      parts[source.description] = this.#lists.has(source) ? { status: 'UP' } : { status: 'DEGRADED', reason };
    }
    return overall(parts);
  }

  #changed(): void {
    this.#isCurrent = false;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#log.error({ err: error }, 'somebody who follows the resolver failed');
      }
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
    this.#listeners.clear();
  }
}

const NOBODY: readonly Instance[] = [];
