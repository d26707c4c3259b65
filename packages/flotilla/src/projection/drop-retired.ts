import { durationMs, type Runtime } from '../kernel/index.ts';
import type { ProjectionBuild, Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { dropTables } from './build-tables.ts';
import type { Projection } from './definition.ts';
import { cursorOf } from './sink.ts';

/** Queries that began on the old tables have ended long before. */
const KEPT_MS = durationMs('1m');
const PARKED_AT_ONCE = 1_000;

export interface DropOptions {
  readonly store: Store;
  readonly projections: readonly Projection[];
  readonly builds: readonly ProjectionBuild[];
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/** Drops the tables of builds that were replaced a while ago, with all that is known of them but that they existed. */
export async function dropRetired({ store, projections, builds, runtime, log }: DropOptions): Promise<void> {
  const before = runtime.clock.now() - KEPT_MS;
  for (const build of builds.filter(({ status, updatedAt }) => status === 'retired' && updatedAt <= before)) {
    const dropped = await store.transact(async (tx) => {
      const which = { projection: build.projection, build: build.build };
      const change = { ...which, from: 'retired', set: { status: 'dropped' }, at: runtime.clock.now() } as const;
      if (!(await tx.projections.update(change))) return false;
      await dropTables(tx, build);
      await tx.cursors.remove(cursorOf(build));
      const parked = await tx.projections.parkedStreams({ ...which, limit: PARKED_AT_ONCE });
      for (const { stream } of parked) await tx.projections.unpark({ ...which, stream });
      return true;
    });
    if (!dropped) continue;
    log.info({ projection: build.projection, build: build.build }, 'dropped an old build of a read model');
    const destination = projections.find(({ name }) => name === build.projection)?.destination;
    if (destination && 'target' in destination) await destination.target.drop(build.build);
  }
}
