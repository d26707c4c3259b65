import type { Contract } from '../contract/index.ts';
import { FlotillaError, jittered, type Runtime } from '../kernel/index.ts';
import type { ProjectionBuild, Store } from '../store/index.ts';
import { type Health, type Logger, overall } from '../telemetry/index.ts';
import { type BuildState, buildStates } from './build-states.ts';
import type { Projection } from './definition.ts';
import { dropRetired } from './drop-retired.ts';
import { begin } from './prepare.ts';
import { projectionNewer } from './projection-newer.ts';
import { createProjector, type Projector } from './projector.ts';
import { cursorOf, MOST_PARKED } from './sink.ts';
import { unparkStream } from './unpark.ts';
import { createWaiting, type Goal, type Waiting } from './waiting.ts';

/** How soon other processes begin with a build that was asked for in one, or hear that one is in use. */
const LOOK_MS = 5_000;

export interface ReadModelsOptions {
  readonly projections: readonly Projection[];
  readonly contract: Contract;
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  /** This incarnation of this process; never a host name. */
  readonly owner: string;
}

/** The read models of one service, with every build of them that this code can keep up. */
export interface ReadModels extends Waiting, AsyncDisposable {
  start(): void;
  health(): Promise<Health>;
  /** Every build that still has tables, and how far it is. */
  states(): Promise<BuildState[]>;
  /** Begins a new build beside the one in use. Throws `UNKNOWN_PROJECTION`, `PROJECTION_NEWER`, or `REBUILD_RUNS`. */
  rebuild(name: string): Promise<ProjectionBuild>;
  /** Lets a stream that was set aside go on, in every build that set it aside. Throws `STREAM_NOT_PARKED` or `PROJECTION_FAILED`. */
  unpark(name: string, stream: string): Promise<void>;
}

/** The store must have been through `prepareProjections`. */
export function createReadModels(options: ReadModelsOptions): ReadModels {
  return new ServiceReadModels(options);
}

class ServiceReadModels implements ReadModels {
  readonly #options: ReadModelsOptions;
  readonly #projectors = new Map<string, Projector>();
  /** Cursors of the builds in use. */
  #inUse: ReadonlySet<string> = new Set();
  readonly #waiting: Waiting;
  #timer: Disposable | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(options: ReadModelsOptions) {
    this.#options = options;
    this.#waiting = createWaiting({ ...options, projectorOf: (build) => this.#projectors.get(cursorOf(build)) });
  }

  start(): void {
    if (this.#options.projections.length > 0) this.#look();
  }

  caughtUp(projection: Pick<Projection, 'name'>, signal: AbortSignal): Promise<void> {
    return this.#waiting.caughtUp(projection, signal);
  }

  waitFor(projection: Pick<Projection, 'name'>, goal: Goal, signal: AbortSignal): Promise<void> {
    return this.#waiting.waitFor(projection, goal, signal);
  }

  async health(): Promise<Health> {
    const { store } = this.#options;
    const parked = await store.projections.parkedStreams({ limit: 100 });
    const components = [...this.#projectors.values()].map(({ build, health }): [string, Health] => {
      const streams = parked.filter((one) => one.projection === build.projection && one.build === build.build);
      const own = health();
      const name = this.#inUse.has(cursorOf(build)) ? build.projection : `${build.projection} (build ${build.build})`;
      if (own.status !== 'UP' || streams.length === 0) return [name, own];
      const reason = `${streams.length} parked: ${streams[0]!.stream}, … See 'flotilla projections'.`;
      return [name, { status: 'DEGRADED', reason }];
    });
    return overall(Object.fromEntries(components));
  }

  states(): Promise<BuildState[]> {
    return buildStates(this.#options);
  }

  async rebuild(name: string): Promise<ProjectionBuild> {
    const { store, runtime } = this.#options;
    const projection = this.#named(name);
    const build = await store.transact(async (tx) => {
      const builds = await tx.projections.builds(name);
      if (builds.some(({ status }) => status === 'building')) throw rebuildRuns(name);
      const active = builds.find(({ status }) => status === 'active');
      if (active && active.version > projection.version) throw projectionNewer(projection, active.version);
      return await begin(tx, projection, { status: 'building', at: runtime.clock.now() });
    });
    this.#look();
    return build!;
  }

  async unpark(name: string, stream: string): Promise<void> {
    const { store, contract } = this.#options;
    const projection = this.#named(name);
    const parked = await store.projections.parkedStreams({ projection: name, limit: MOST_PARKED });
    const builds = await store.projections.builds(name);
    const inBuilds = new Set(parked.filter((one) => one.stream === stream).map(({ build }) => build));
    const meant = builds.filter(({ build, version }) => inBuilds.has(build) && version === projection.version);
    if (meant.length === 0) throw notParked(name, stream);
    for (const build of meant) await unparkStream({ store, contract, projection, build }, stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    await this.#looking;
    await Promise.all([...this.#projectors.values()].map((projector) => projector[Symbol.asyncDispose]()));
  }

  /** Takes up builds that are new, lets go of those that are retired, and looks again later. */
  #look(): void {
    if (this.#closed || this.#looking) return;
    const { runtime, log } = this.#options;
    this.#timer?.[Symbol.dispose]();
    this.#looking = this.#takeUp()
      .catch((err: unknown) => log.warn({ err }, 'could not look for builds of read models; will look again'))
      .finally(() => {
        this.#looking = undefined;
        if (!this.#closed) this.#timer = runtime.clock.timer(jittered(runtime.random, LOOK_MS), () => this.#look());
      });
  }

  async #takeUp(): Promise<void> {
    const { store, projections, runtime, log } = this.#options;
    const builds = await store.projections.builds();
    const wanted = new Map<string, ProjectionBuild>();
    for (const build of builds) {
      const projection = projections.find(({ name }) => name === build.projection);
      if (projection && isKeptUpHere(projection, build)) wanted.set(cursorOf(build), build);
    }
    this.#inUse = new Set(builds.filter(({ status }) => status === 'active').map(cursorOf));
    for (const [cursor, projector] of this.#projectors) {
      if (wanted.has(cursor)) continue;
      this.#projectors.delete(cursor);
      await projector[Symbol.asyncDispose]();
    }
    for (const [cursor, build] of wanted) if (!this.#projectors.has(cursor)) this.#takeUpBuild(cursor, build);
    await dropRetired({ store, projections, builds, runtime, log });
  }

  #takeUpBuild(cursor: string, build: ProjectionBuild): void {
    const projection = this.#named(build.projection);
    const onTakenOver = (): void => this.#look();
    const projector = createProjector({ ...this.#options, projection, build, onTakenOver });
    this.#projectors.set(cursor, projector);
    projector.start();
  }

  #named(name: string): Projection {
    const projection = this.#options.projections.find((one) => one.name === name);
    if (projection) return projection;
    const message = `The service '${this.#options.contract.name}' has no projection '${name}'. List it under 'projections'.`;
    throw new FlotillaError('UNKNOWN_PROJECTION', { kind: 'internal', message });
  }
}

/** Commands keep up an inline read model that is in use. */
function isKeptUpHere(projection: Projection, { version, status }: ProjectionBuild): boolean {
  if (version !== projection.version) return false;
  return status === 'building' || (status === 'active' && projection.mode !== 'inline');
}

function rebuildRuns(name: string): FlotillaError {
  return new FlotillaError('REBUILD_RUNS', {
    kind: 'conflict',
    message: `Projection '${name}' is being built already. 'flotilla projections' shows how far it is.`,
  });
}

function notParked(projection: string, stream: string): FlotillaError {
  const message = `'${stream}' is not parked for projection '${projection}'. 'flotilla projections' shows what is.`;
  return new FlotillaError('STREAM_NOT_PARKED', { kind: 'not-found', message });
}
