import { jittered, FlotillaError, isFlotillaError, repeat, type Runtime, withTimeout } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { type Instance, instanceProblems } from '../instance.ts';
import type { Registry, RegistryEvent, RegistrySnapshot } from '../registry.ts';
import { Roster } from './roster.ts';

/** How often it asks for the whole list, so that a watch that fell silent, or told wrong, is not believed for ever. */
const RESYNC_MS = 30_000;
const RELEASE_MS = 5_000;
const PATIENCE_MS = 2_000;
/** A watch that is behind for longer than this has fallen silent. */
const SILENCE_MS = 5_000;

export interface RegistryFollowerOptions {
  readonly registry: Registry;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** Keeps the last known good list of a registry, whatever happens to the registry. */
export class RegistryFollower implements Disposable {
  readonly roster = new Roster();
  /** Why the list may be out of date; undefined when it is not. */
  problem: FlotillaError | undefined = notSynchronised();
  readonly #options: RegistryFollowerOptions;
  readonly #stack = new DisposableStack();
  #watch: Disposable;
  #seen: { incarnation: string; revision: number } | undefined;
  #heardAt = -Infinity;

  constructor(options: RegistryFollowerOptions) {
    const { clock, random } = options.runtime;
    this.#options = options;
    this.#watch = this.#open();
    this.#stack.defer(() => this.#watch[Symbol.dispose]());
    this.#stack.use(
      repeat(
        clock,
        () => RELEASE_MS,
        () => this.#release(),
      ),
    );
    this.#stack.use(
      repeat(
        clock,
        () => jittered(random, RESYNC_MS),
        () => void this.resync(),
      ),
    );
  }

  /** Compares with the registry's whole list. Never rejects. */
  async resync(): Promise<void> {
    const { registry, runtime } = this.#options;
    const { clock } = runtime;
    try {
      const list = await withTimeout({ clock, timeoutMs: PATIENCE_MS, onTimeout: silent }, () => registry.list());
      if (this.#stack.disposed) return;
      this.problem = undefined;
      const behind = this.#seen?.incarnation !== list.incarnation || this.#seen.revision < list.revision;
      if (!behind) return;
      this.#take(list);
      if (clock.monotonic() - this.#heardAt < SILENCE_MS) return;
      this.#watch[Symbol.dispose]();
      this.#watch = this.#open();
    } catch (error) {
      this.#doubt(isFlotillaError(error) ? error : silent());
    }
  }

  #open(): Disposable {
    return this.#options.registry.watch(undefined, (event) => this.#hear(event));
  }

  #hear(event: RegistryEvent): void {
    const { clock } = this.#options.runtime;
    this.#heardAt = clock.monotonic();
    if (event.kind === 'lost') return this.#doubt(event.error);
    this.problem = undefined;
    if (event.kind === 'snapshot') return this.#take(event);
    // What a list told already is told again by the watch, and changes nothing.
    this.#seen = { incarnation: this.#seen!.incarnation, revision: Math.max(event.revision, this.#seen!.revision) };
    const changes = event.changes.filter((change) => change.kind === 'gone' || this.#isSound(change.instance));
    this.roster.apply(changes, clock.monotonic());
    this.#options.onChange();
  }

  #take({ incarnation, revision, instances }: RegistrySnapshot): void {
    const wiped = this.#seen !== undefined && this.#seen.incarnation !== incarnation;
    if (wiped) this.#options.log.warn({}, 'the registry has forgotten everything; keeping what it knew for a while');
    this.#seen = { incarnation, revision };
    const sound = instances.filter((instance) => this.#isSound(instance));
    this.roster.replace(sound, { now: this.#options.runtime.clock.monotonic(), wiped });
    this.#options.onChange();
  }

  #isSound(instance: Instance): boolean {
    const problems = instanceProblems(instance);
    if (problems.length > 0) this.#options.log.warn({ id: instance.id, problems }, 'the registry lists what can be no instance');
    return problems.length === 0;
  }

  #doubt(error: FlotillaError): void {
    if (!this.problem) this.#options.log.warn({ err: error }, 'the registry is away; going on with the last known list');
    this.problem = error;
  }

  #release(): void {
    // While the registry is away nobody can prove to be alive.
    if (this.problem === undefined && this.roster.release(this.#options.runtime.clock.monotonic())) this.#options.onChange();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

function silent(): FlotillaError {
  return new FlotillaError('REGISTRY_UNAVAILABLE', { kind: 'unavailable', message: 'The registry does not answer in time.' });
}

function notSynchronised(): FlotillaError {
  const message = 'The registry has not answered yet.';
  return new FlotillaError('REGISTRY_UNAVAILABLE', { kind: 'unavailable', message });
}
