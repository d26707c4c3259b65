import { type Runtime } from '../kernel/index.ts';
import type { ProjectionBuild, Store, Transaction } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createTables, showTables, tableNames } from './build-tables.ts';
import type { Projection } from './definition.ts';

export interface PrepareOptions {
  readonly store: Store;
  readonly projections: readonly Projection[];
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/**
 * Makes sure that each projection has a build of the version that this code declares, before queries ask for its tables. The first is
 * in use at once; a higher version is built beside the one in use; a lower one changes nothing, because newer code is at work.
 */
export async function prepareProjections({ store, projections, runtime, log }: PrepareOptions): Promise<void> {
  const at = runtime.clock.now();
  for (const projection of projections) {
    // Nearly always it is there: nobody is held up then.
    const newest = newestOf(projection, await store.projections.builds(projection.name));
    if (newest && newest.version > projection.version) {
      log.warn({ ...newest }, 'newer code has built this read model; this process reads it but does not keep it up');
    }
    if (newest && newest.version >= projection.version) continue;
    await store.transact((tx) => prepare(tx, projection, at), { exclusive: projection.mode === 'inline' });
  }
}

async function prepare(tx: Transaction, projection: Projection, at: number): Promise<void> {
  const builds = await tx.projections.builds(projection.name);
  const newest = newestOf(projection, builds);
  if (newest && newest.version >= projection.version) return;
  const active = builds.find(({ status }) => status === 'active');
  if (!active) return await beginFirst(tx, projection, at);
  // Commands that have looked at it, and would write to it, then run again.
  await tx.projections.update({ projection: active.projection, build: active.build, from: 'active', set: {}, at });
  await begin(tx, projection, { status: 'building', at });
}

/** Of those that are in use or will be. */
function newestOf({ name }: Projection, builds: readonly ProjectionBuild[]): ProjectionBuild | undefined {
  const alive = builds.filter((one) => one.projection === name && (one.status === 'active' || one.status === 'building'));
  return alive.sort((left, right) => right.version - left.version)[0];
}

/** Begins a build beside the one in use. */
export async function begin(
  tx: Transaction,
  projection: Projection,
  { status, at }: { status: 'building' | 'active'; at: number },
): Promise<ProjectionBuild | undefined> {
  const { name, version } = projection;
  const build = await tx.projections.insert({ projection: name, version, status, tables: tableNames(projection), at });
  if (build) await createTables(tx, projection, build);
  return build;
}

async function beginFirst(tx: Transaction, projection: Projection, at: number): Promise<void> {
  // Commands can only keep up an inline read model from where it stands: what the log already holds comes first.
  const hasPast = projection.mode === 'inline' && (await tx.events.read({ after: 0, limit: 1 })).length > 0;
  const build = await begin(tx, projection, { status: hasPast ? 'building' : 'active', at });
  if (build) await showTables(tx, build);
}
