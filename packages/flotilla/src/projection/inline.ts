import type { Contract } from '../contract/index.ts';
import type { Append, Appended, ProjectionBuild, Store, Transaction } from '../store/index.ts';
import type { Projection } from './definition.ts';
import { projectionNewer } from './projection-newer.ts';
import { applyTo, BatchFailure, streamPrefixOf } from './sink.ts';

export interface InlineOptions {
  readonly store: Store;
  readonly contract: Contract;
  readonly projections: readonly Projection[];
}

/** The same store, whose appends write inline read models in the transaction that they are made in. */
export function withInlineProjections({ store, contract, projections }: InlineOptions): Store {
  const inline = projections.filter(({ mode }) => mode === 'inline');
  if (inline.length === 0) return store;

  const append = async (tx: Transaction, appending: Append): Promise<Appended> => {
    const appended = await tx.events.append(appending);
    const { stream, events } = appending;
    if (stream === undefined || events.length === 0) return appended;
    for (const projection of inline.filter((one) => stream.startsWith(streamPrefixOf(one)))) {
      if (!events.some(({ type }) => projection.types?.includes(type) ?? true)) continue;
      await applyAppended(tx, { store, contract, projection }, { stream, after: appended.version! - events.length });
    }
    return appended;
  };
  const writing = (tx: Transaction): Transaction => ({
    get db() {
      return tx.db;
    },
    idempotency: tx.idempotency,
    inbox: tx.inbox,
    cursors: tx.cursors,
    leases: tx.leases,
    sagas: tx.sagas,
    projections: tx.projections,
    afterCommit: (callback) => tx.afterCommit(callback),
    events: {
      read: (options) => tx.events.read(options),
      readStream: (stream, range) => tx.events.readStream(stream, range),
      readFromSnapshot: (stream, foldHash) => tx.events.readFromSnapshot(stream, foldHash),
      append: (appending) => append(tx, appending),
    },
  });
  return new Proxy(store, {
    get(target, name) {
      if (name === 'transact') {
        const transact: Store['transact'] = (work, options) => target.transact((tx) => work(writing(tx)), options);
        return transact;
      }
      if (name === 'events') {
        const alone = (appending: Append): Promise<Appended> => target.transact((tx) => append(tx, appending));
        return withAppend(target.events, alone);
      }
      const member: unknown = Reflect.get(target, name);
      // Private fields are out of a proxy's reach.
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

interface AppliedTo extends Pick<InlineOptions, 'store' | 'contract'> {
  readonly projection: Projection;
}

/** The append comes first: whoever replaces the active build waits for appends under way, and holds off later ones. */
async function applyAppended(
  tx: Transaction,
  { store, contract, projection }: AppliedTo,
  { stream, after }: { stream: string; after: number },
): Promise<void> {
  const build = await tx.projections.holdActive(projection.name);
  if (build && build.version > projection.version) throw projectionNewer(projection, build.version);
  // What another build will take the place of stays as it was when that was begun: it finds these events in the log.
  if (!build || (await isBeingReplaced(tx, build, projection))) return;
  const appended = await tx.events.readStream(stream, { after });
  const events = appended.filter(({ type }) => projection.types?.includes(type) ?? true);
  try {
    await applyTo(tx, { store, contract, projection, build }, events);
  } catch (thrown) {
    throw thrown instanceof BatchFailure ? thrown.cause : thrown;
  }
}

/** By newer code. A rebuild with the same code keeps up the one in use. */
async function isBeingReplaced(
  { projections }: Transaction,
  { version }: ProjectionBuild,
  projection: Projection,
): Promise<boolean> {
  if (version < projection.version) return true;
  const builds = await projections.builds(projection.name);
  return builds.some((one) => one.status === 'building' && one.version > version);
}

function withAppend(events: Store['events'], append: Store['events']['append']): Store['events'] {
  return {
    append,
    read: (options) => events.read(options),
    readStream: (stream, range) => events.readStream(stream, range),
    readFromSnapshot: (stream, foldHash) => events.readFromSnapshot(stream, foldHash),
    readCorrelated: (correlationId, options) => events.readCorrelated(correlationId, options),
    head: () => events.head(),
    end: () => events.end(),
    keepSnapshot: (snapshot) => events.keepSnapshot(snapshot),
  };
}
