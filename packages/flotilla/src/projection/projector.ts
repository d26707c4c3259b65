import { FlotillaError, isFlotillaError, type Runtime, untilAborted } from '../kernel/index.ts';
import { createFollower, createLeaseKeeper, type Follower } from '../log/index.ts';
import type { Store } from '../store/index.ts';
import type { Health, Logger } from '../telemetry/index.ts';
import { applyBatch } from './apply-batch.ts';
import type { Projection } from './definition.ts';

const BATCH_SIZE = 500;
const ATTEMPTS = 5;
const CURSOR_POLL_MS = 25;

export interface ProjectorOptions {
  readonly store: Store;
  readonly projection: Projection;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  /** This incarnation of this process; never a host name. */
  readonly owner: string;
}

/**
 * Keeps one read model up with the log. An event that its code can't apply is tried a few times; then the projector stops and
 * is DOWN until the next start, because leaving the event out would make the read model wrong. (Setting aside only the
 * event's stream is not built yet.)
 */
export interface Projector extends AsyncDisposable {
  start(): void;
  /**
   * Waits until the read model holds everything that was committed before this call, whichever process keeps it up. Throws
   * `PROJECTION_DOWN` when it has stopped.
   */
  caughtUp(signal: AbortSignal): Promise<void>;
  health(): Health;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { store, projection, runtime, log, owner } = options;
  const name = `projection:${projection.name}:${projection.version}`;
  const lease = createLeaseKeeper({ store, runtime, owner, name });
  const types = Object.keys(projection.on);
  const follower = createFollower({
    store,
    runtime,
    log: log.child({ projection: projection.name }),
    cursor: name,
    lease,
    types,
    batchSize: BATCH_SIZE,
    handle: (batch, advance) => applyBatch({ store, projection }, batch, advance),
    givesUp: (error, failures) => failures >= ATTEMPTS && isFlotillaError(error) && error.code === 'PROJECTION_FAILED',
  });
  return {
    start: () => follower.start(),
    health: () => follower.health(),
    caughtUp: (signal) => caughtUp({ store, runtime, cursor: name, types, follower }, signal),
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]();
      await lease[Symbol.asyncDispose]();
    },
  };
}

interface Progress {
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly cursor: string;
  readonly types: readonly string[];
  readonly follower: Follower;
}

async function caughtUp({ store, runtime, cursor, types, follower }: Progress, signal: AbortSignal): Promise<void> {
  const goal = await store.events.head();
  for (let passed = follower.passed(); passed < goal;) {
    const [next] = await store.events.read({ after: passed, limit: 1, types });
    if (!next || next.position > goal) return;
    const { status, reason } = follower.health();
    if (status === 'DOWN') throw projectionDown(cursor, reason);
    await progress(runtime, follower, signal);
    // No progress here may mean that another process is the one that makes it.
    const here = follower.passed();
    const stored = here > passed ? here : await store.transact((tx) => tx.cursors.position(cursor), { signal });
    passed = Math.max(passed, stored);
  }
}

async function progress({ clock }: Pick<Runtime, 'clock'>, follower: Follower, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _progress = follower.onProgress(resolve);
  using _poll = clock.timer(CURSOR_POLL_MS, resolve, { hold: true });
  await untilAborted(signal, promise);
}

function projectionDown(cursor: string, reason: string | undefined): FlotillaError {
  return new FlotillaError('PROJECTION_DOWN', {
    kind: 'unavailable',
    message: `The read model ${cursor} stopped: ${reason ?? 'no reason is known'}. Mend it and start the service again.`,
  });
}
