import type { Runtime } from '../kernel/index.ts';
import type { BuildStatus, ProjectionBuild, Store, StoredEvent, Transaction } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { showTables } from './build-tables.ts';
import { applyTo, type BuildAtWork, cursorOf, streamPrefixOf } from './sink.ts';

/** What an inline build may still have to catch up with while nobody else appends. */
const LAST_PART = 100;

interface Conditions {
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/**
 * Puts a build in the place of the active one, for all processes in one transaction, unless it is behind that or has parked what
 * that has not. True when nothing is left to do here, because it is in use now or somebody else has seen to it.
 */
export async function takeOver(work: BuildAtWork, { runtime, log }: Conditions): Promise<boolean> {
  const { store, projection, build } = work;
  const isInline = projection.mode === 'inline';
  const at = runtime.clock.now();
  if ((await statusOf(store, build)) !== 'building') return true;
  const taken = await store.transact(
    async (tx) => {
      if ((await statusOf(tx, build)) !== 'building') return false;
      const builds = await tx.projections.builds(projection.name);
      const active = builds.find(({ status }) => status === 'active');
      if (!(isInline ? await catchUp(tx, work) : await isAbreast(tx, build, active))) return false;
      if (await lacksStreams(tx, work, active)) return false;
      const change = { projection: projection.name, at };
      for (const one of builds.filter((other) => isOutdone(other, build))) {
        await tx.projections.update({ ...change, build: one.build, from: one.status, set: { status: 'retired' } });
      }
      await tx.projections.update({ ...change, build: build.build, from: 'building', set: { status: 'active' } });
      await showTables(tx, build, active ?? build);
      return true;
    },
    { exclusive: isInline },
  );
  if (taken) log.info({ version: build.version }, 'the new build of the read model is in use');
  return taken;
}

/** Tells a target outside which build is in use. Repeated by whoever goes on, because the last one may have died before it could. */
export async function tellTarget({ store, projection: { destination }, build }: BuildAtWork): Promise<void> {
  if ('target' in destination && (await statusOf(store, build)) === 'active') await destination.target.activate(build.build);
}

async function statusOf(
  { projections }: Pick<Store, 'projections'>,
  { projection, build }: ProjectionBuild,
): Promise<BuildStatus | undefined> {
  return (await projections.builds(projection)).find((one) => one.build === build)?.status;
}

/** The one in use, and those that were begun but can't be better any more: the code that began them may be gone. */
function isOutdone(other: ProjectionBuild, { build, version }: ProjectionBuild): boolean {
  if (other.status === 'active') return true;
  return other.status === 'building' && other.build !== build && other.version <= version;
}

/** Readers must never be taken back in time. */
async function isAbreast(tx: Transaction, build: ProjectionBuild, active: ProjectionBuild | undefined): Promise<boolean> {
  if (!active) return true;
  return (await tx.cursors.position(cursorOf(build))) >= (await tx.cursors.position(cursorOf(active)));
}

/** The rest of the log, while nobody else appends: from the commit on, commands write to this build. */
async function catchUp(tx: Transaction, work: BuildAtWork): Promise<boolean> {
  const { build, projection } = work;
  const name = cursorOf(build);
  const from = await tx.cursors.position(name);
  const rest: StoredEvent[] = await tx.events.read({
    after: from,
    limit: LAST_PART,
    types: projection.types,
    streamPrefix: streamPrefixOf(projection),
  });
  if (rest.length === LAST_PART) return false;
  const last = rest.at(-1);
  if (!last) return true;
  await applyTo(tx, work, rest);
  return await tx.cursors.advance({ name, from, to: last.position });
}

async function lacksStreams(
  { projections }: Transaction,
  { projection: { name: projection }, build }: BuildAtWork,
  active: ProjectionBuild | undefined,
): Promise<boolean> {
  const limit = 1_000;
  const parked = await projections.parkedStreams({ projection, build: build.build, limit });
  if (parked.length === 0 || !active) return false;
  const before = await projections.parkedStreams({ projection, build: active.build, limit });
  const known = new Set(before.map(({ stream }) => stream));
  return parked.some(({ stream }) => !known.has(stream));
}
