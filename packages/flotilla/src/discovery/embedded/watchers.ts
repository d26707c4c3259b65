import { jittered, type FlotillaError, isFlotillaError, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { backoffMs } from '../pace.ts';
import type { RegistryChange, RegistryEvent, RegistryListener } from '../registry.ts';
import { isBusy } from './connection.ts';
import type { RegistryFile } from './registry-file.ts';
import { changeOf, instanceOf } from '../driver/rows.ts';
import type { RegistryState, Statements } from './statements.ts';

/** Often enough to see a change of another process well within a second; a look at an unchanged registry costs some 20 µs. */
const LOOK_MS = 200;
/** So many failures in a row are looked past at the ordinary pace. */
const BRIEF = 3;

interface Watcher {
  readonly service: string | undefined;
  readonly listener: RegistryListener;
  /** What it was told last; undefined when it must be told everything. */
  told: { incarnation: string; revision: number } | undefined;
  lost: boolean;
}

export interface WatchersOptions {
  readonly file: RegistryFile;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** Looks after everybody who watches: one look at the registry's revision serves all of them. */
export class Watchers implements Disposable {
  readonly #options: WatchersOptions;
  readonly #watchers = new Set<Watcher>();
  #timer: Disposable | undefined;
  #failures = 0;

  constructor(options: WatchersOptions) {
    this.#options = options;
  }

  add(service: string | undefined, listener: RegistryListener): Disposable {
    const watcher: Watcher = { service, listener, told: undefined, lost: false };
    this.#watchers.add(watcher);
    // Nobody is called back before `watch` has returned.
    queueMicrotask(() => this.look());
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher);
        if (this.#watchers.size === 0) this.#timer?.[Symbol.dispose]();
      },
    };
  }

  /** Tells everybody what is new, and looks again later. */
  look(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#watchers.size === 0) return;
    try {
      this.#options.file.look((sql) => this.#prepare(sql)).forEach((tell) => tell());
      this.#failures = 0;
    } catch (error) {
      // Nothing but our own errors comes out of the file; `REGISTRY_CLOSED` ends the looking.
      if (!isFlotillaError(error) || error.code === 'REGISTRY_CLOSED') return;
      this.#failures += 1;
      // Somebody may be creating or recovering the file just now.
      if (!isBusy(error.cause) || this.#failures > BRIEF) this.#tellLost(error);
    }
    const { clock, random } = this.#options.runtime;
    const pauseMs = this.#failures > BRIEF ? backoffMs(random, this.#failures - BRIEF) : jittered(random, LOOK_MS);
    this.#timer = clock.timer(pauseMs, () => this.look());
  }

  /** Gathers within one consistent state what to tell; the telling comes after it, because listeners may use the registry. */
  #prepare(sql: Statements): (() => void)[] {
    const state = sql.state.get()!;
    const behind = [...this.#watchers].filter(
      ({ told }) => told?.incarnation !== state.incarnation || told.revision !== state.revision,
    );
    const changes = new Map<number, RegistryChange[]>();
    return behind.map((watcher) => {
      const event = eventFor(watcher, state, { sql, changes });
      return () => {
        watcher.told = state;
        watcher.lost = false;
        if (event) this.#tell(watcher, event);
      };
    });
  }

  #tellLost(error: FlotillaError): void {
    for (const watcher of this.#watchers) {
      watcher.told = undefined;
      if (!watcher.lost) this.#tell(watcher, { kind: 'lost', error });
      watcher.lost = true;
    }
  }

  #tell(watcher: Watcher, event: RegistryEvent): void {
    if (!this.#watchers.has(watcher)) return;
    try {
      watcher.listener(event);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a watcher of the registry failed');
    }
  }

  [Symbol.dispose](): void {
    this.#watchers.clear();
    this.#timer?.[Symbol.dispose]();
  }
}

/** Undefined when what is new does not concern this watcher. */
function eventFor(
  { service, told }: Watcher,
  state: RegistryState,
  { sql, changes }: { sql: Statements; changes: Map<number, RegistryChange[]> },
): RegistryEvent | undefined {
  const { incarnation, revision } = state;
  if (told?.incarnation !== incarnation || told.revision < state.forgotten || told.revision > revision) {
    const rows = service === undefined ? sql.listAll.all() : sql.listService.all(service);
    return { kind: 'snapshot', incarnation, revision, instances: rows.map(instanceOf) };
  }
  if (!changes.has(told.revision)) changes.set(told.revision, sql.changedSince.all(told.revision).map(changeOf));
  const all = changes.get(told.revision)!;
  const mine = service === undefined ? all : all.filter((change) => serviceOf(change) === service);
  return mine.length === 0 ? undefined : { kind: 'changes', revision, changes: mine };
}

function serviceOf(change: RegistryChange): string {
  return change.kind === 'put' ? change.instance.service : change.service;
}
