import type { Runtime } from '../kernel/index.ts';
import type { ParkedStream, ProjectionBuild, Store } from '../store/index.ts';
import type { Projection } from './definition.ts';
import { cursorOf, streamPrefixOf } from './sink.ts';

const PARKED_SHOWN = 100;

/** A build of a read model, for operators. */
export interface BuildState extends ProjectionBuild {
  readonly mode: Projection['mode'] | undefined;
  readonly position: number;
  /** Positions up to the head of the log, whoever they belong to; 0 when none of them is for this read model. */
  readonly lag: number;
  /** Positions per second since it was begun; of a build that is not in use yet. */
  readonly perSecond?: number;
  /** When it will have caught up at that rate; of a build that is not in use yet. */
  readonly etaMs?: number;
  readonly parked: readonly ParkedStream[];
}

export interface BuildStatesOptions {
  readonly store: Store;
  readonly projections: readonly Projection[];
  readonly runtime: Pick<Runtime, 'clock'>;
}

export async function buildStates({ store, projections, runtime }: BuildStatesOptions): Promise<BuildState[]> {
  const head = await store.events.head();
  const builds = (await store.projections.builds()).filter(({ status }) => status !== 'dropped');
  const states = builds.map(async (build): Promise<BuildState> => {
    const projection = projections.find(({ name }) => name === build.projection);
    const which = { projection: build.projection, build: build.build };
    const parked = await store.projections.parkedStreams({ ...which, limit: PARKED_SHOWN });
    const position = await positionOf(store, build, { projection, head });
    const lag = Math.max(0, head - position);
    const pace = build.status === 'building' ? paceOf(position, lag, runtime.clock.now() - build.at) : {};
    return { ...build, mode: projection?.mode, position, lag, parked, ...pace };
  });
  return await Promise.all(states);
}

async function positionOf(
  store: Store,
  build: ProjectionBuild,
  { projection, head }: { projection: Projection | undefined; head: number },
): Promise<number> {
  // Commands write it: it has no cursor that moves.
  if (projection?.mode === 'inline' && build.status === 'active') return head;
  const position = await store.cursors.position(cursorOf(build));
  if (!projection || position >= head) return position;
  const wanted = { types: projection.types, streamPrefix: streamPrefixOf(projection) };
  const next = await store.events.read({ after: position, limit: 1, ...wanted });
  return next.length === 0 ? head : position;
}

function paceOf(position: number, lag: number, passedMs: number): Pick<BuildState, 'perSecond' | 'etaMs'> {
  if (passedMs <= 0 || position === 0) return {};
  const perMs = position / passedMs;
  return { perSecond: Math.round(perMs * 1_000), etaMs: Math.round(lag / perMs) };
}
