import { FlotillaError, type Runtime, untilAborted, withTimeout } from '../kernel/index.ts';
import type { ProjectionBuild, Store } from '../store/index.ts';
import type { Projection } from './definition.ts';
import type { Projector } from './projector.ts';
import { cursorOf, streamPrefixOf } from './sink.ts';

const POLL_MS = 25;

export interface WaitingOptions {
  readonly store: Store;
  readonly projections: readonly Projection[];
  readonly runtime: Pick<Runtime, 'clock'>;
  /** The one that keeps up a build here, or would if it had the lease. */
  readonly projectorOf: (build: ProjectionBuild) => Projector | undefined;
}

/** How far a read model must have come, and how long that may take. */
export interface Goal {
  readonly position: number;
  readonly timeoutMs?: number | undefined;
}

/** Waiting until a read model in use holds what was written, whichever process keeps it up. */
export interface Waiting {
  /** Until it holds everything that was committed before this call. Throws `PROJECTION_DOWN` when it has stopped. */
  caughtUp(projection: Pick<Projection, 'name'>, signal: AbortSignal): Promise<void>;
  /** Until it holds everything up to a position, such as the one that a command returned. Throws `READ_MODEL_BEHIND` after the time. */
  waitFor(projection: Pick<Projection, 'name'>, goal: Goal, signal: AbortSignal): Promise<void>;
}

export function createWaiting(options: WaitingOptions): Waiting {
  const { store, projections } = options;

  async function until({ name }: Pick<Projection, 'name'>, goal: number, signal: AbortSignal): Promise<void> {
    const projection = projections.find((one) => one.name === name);
    if (!projection) throw unknownProjection(store.service, name);
    for (;;) {
      const active = (await store.projections.builds(name)).find(({ status }) => status === 'active');
      const projector = active && options.projectorOf(active);
      if (active && (isWritten(projection, active) || (await holds({ store, projection, active, projector }, goal)))) return;
      const { status, reason } = projector?.health() ?? { status: 'UP' };
      if (status === 'DOWN') throw projectionDown(name, reason);
      await progress(options, projector, signal);
    }
  }

  return {
    waitFor: async (projection, { position, timeoutMs }, signal) => {
      if (timeoutMs === undefined) return await until(projection, position, signal);
      const onTimeout = (): FlotillaError => behind(projection.name, position, timeoutMs);
      const { clock } = options.runtime;
      await withTimeout({ clock, timeoutMs, signal, onTimeout }, (inTime) => until(projection, position, inTime));
    },
    caughtUp: async (projection, signal) => await until(projection, await store.events.head(), signal),
  };
}

/** By commands, so it is never behind. What newer code is about to replace is. */
function isWritten({ mode, version }: Projection, active: ProjectionBuild): boolean {
  return mode === 'inline' && active.version >= version;
}

interface Looking {
  readonly store: Store;
  readonly projection: Projection;
  readonly active: ProjectionBuild;
  readonly projector: Projector | undefined;
}

/** Events that the projection does not want need not be waited for, and without progress here another process may make it. */
async function holds({ store, projection, active, projector }: Looking, goal: number): Promise<boolean> {
  let passed = projector?.passed() ?? 0;
  if (passed >= goal) return true;
  passed = Math.max(passed, await store.cursors.position(cursorOf(active)));
  if (passed >= goal) return true;
  const wanted = { types: projection.types, streamPrefix: streamPrefixOf(projection) };
  const [next] = await store.events.read({ after: passed, limit: 1, ...wanted });
  if (next) return next.position > goal;
  // Nothing is left to wait for, unless the log itself has not come so far.
  return (await store.events.head()) >= goal;
}

async function progress({ runtime }: WaitingOptions, projector: Projector | undefined, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _progress = projector?.onProgress(resolve);
  using _poll = runtime.clock.timer(POLL_MS, resolve, { hold: true });
  await untilAborted(signal, promise);
}

function unknownProjection(service: string, name: string): FlotillaError {
  const message = `The service '${service}' has no projection '${name}'. List it under 'projections'.`;
  return new FlotillaError('UNKNOWN_PROJECTION', { kind: 'internal', message });
}

function behind(name: string, position: number, timeoutMs: number): FlotillaError {
  return new FlotillaError('READ_MODEL_BEHIND', {
    kind: 'timeout',
    message: `The read model ${name} did not come to position ${position} within ${timeoutMs} ms. Ask again, or read it as it is.`,
  });
}

function projectionDown(name: string, reason: string | undefined): FlotillaError {
  return new FlotillaError('PROJECTION_DOWN', {
    kind: 'unavailable',
    message: `The read model ${name} stopped: ${reason ?? 'no reason is known'}. Mend it and start the service again.`,
  });
}
