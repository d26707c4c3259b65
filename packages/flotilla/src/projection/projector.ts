import { isFlotillaError, type Runtime } from '../kernel/index.ts';
import { createFollower, createLeaseKeeper, type Follower } from '../log/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { ATTEMPTS, createApplier } from './apply-batch.ts';
import { type BuildAtWork, createSink, cursorOf, streamPrefixOf } from './sink.ts';
import { takeOver, tellTarget } from './take-over.ts';

export interface ProjectorOptions extends BuildAtWork {
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  /** This incarnation of this process; never a host name. */
  readonly owner: string;
  /** Called when this build is no longer beside the one in use, but is that one. */
  readonly onTakenOver: () => void;
}

/** Keeps one build of a read model up with the log, in one process at a time, and puts a new build in its place when it has caught up. */
export interface Projector extends Follower {
  readonly build: BuildAtWork['build'];
}

export function createProjector(options: ProjectorOptions): Projector {
  const { store, projection, build, runtime, owner, onTakenOver } = options;
  const cursor = cursorOf(build);
  const log = options.log.child({ projection: projection.name, build: build.build });
  const lease = createLeaseKeeper({ store, runtime, owner, name: cursor });
  const sink = createSink(options);
  const apply = createApplier({ ...options, sink, log });
  let inUse = build.status === 'active';
  let isTold = false;

  const follower = createFollower({
    store,
    runtime,
    log,
    cursor,
    lease,
    position: sink.position,
    types: projection.types,
    streamPrefix: streamPrefixOf(projection),
    batchSize: projection.batchSize,
    handle: (batch, { advance, from, to }) => apply(batch, { advance, from, to }),
    onCaughtUp: async () => {
      if (!inUse) {
        if (!(await takeOver(options, { runtime, log }))) return;
        inUse = true;
        onTakenOver();
      }
      if (!isTold) await tellTarget(options);
      isTold = true;
    },
    givesUp: (error, failures) => projection.strict && failures >= ATTEMPTS && isFailure(error),
  });
  return {
    build,
    start: () => follower.start(),
    passed: () => follower.passed(),
    health: () => follower.health(),
    onProgress: (listener) => follower.onProgress(listener),
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]();
      await lease[Symbol.asyncDispose]();
    },
  };
}

function isFailure(error: unknown): boolean {
  return isFlotillaError(error) && error.code === 'PROJECTION_FAILED';
}
