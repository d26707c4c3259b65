import type { Contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { type Advance, recordedEvent, streamOf } from '../log/index.ts';
import type { ProjectionBuild, Store, StoredEvent, Transaction } from '../store/index.ts';
import { dbOf } from './build-tables.ts';
import type { Projection } from './definition.ts';
import { EventFailure } from './each-in-turn.ts';

/** A build of a projection in the hands of this process. */
export interface BuildAtWork {
  readonly store: Store;
  readonly contract: Contract;
  readonly projection: Projection;
  readonly build: ProjectionBuild;
}

/** With more, something else is wrong than the one or other event. */
export const MOST_PARKED = 10_000;

export function cursorOf({ projection, build }: Pick<ProjectionBuild, 'projection' | 'build'>): string {
  return `projection:${projection}:${build}`;
}

/** The streams of a projection's aggregate. */
export function streamPrefixOf({ of }: Projection): string {
  return streamOf(of, '');
}

/** Where a batch ends up. */
export interface Sink {
  /** Where the destination itself says that it stands; undefined when that is what the cursor says. */
  readonly position: (() => Promise<number>) | undefined;
  /** Writes events and moves the position, so that each counts once. Throws `BatchFailure` when the projection's code fails. */
  write(events: readonly StoredEvent[], move: { from: number; to: number; advance: Advance }): Promise<void>;
}

/** The projection's own code, or its target, failed at an event of a batch; which one is not always known. */
export class BatchFailure extends Error {
  readonly index: number | undefined;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause: cause instanceof EventFailure ? cause.cause : cause });
    this.index = cause instanceof EventFailure ? cause.index : undefined;
  }
}

export function createSink(work: BuildAtWork): Sink {
  const { destination } = work.projection;
  return 'target' in destination ? targetSink(work, destination.target) : tableSink(work);
}

function tableSink(work: BuildAtWork): Sink {
  return {
    position: undefined,
    write: (events, { to, advance }) =>
      work.store.transact(async (tx) => {
        await applyTo(tx, work, await withoutParked(work, tx, events));
        await advance(tx, to);
      }),
  };
}

/** Applies events to the tables of a build, in a transaction. Throws `BatchFailure`. */
export async function applyTo(tx: Transaction, work: BuildAtWork, events: readonly StoredEvent[]): Promise<void> {
  const { destination } = work.projection;
  if (!('tables' in destination) || events.length === 0) return;
  const wanted = recorded(work, events);
  try {
    await destination.apply(wanted, { db: dbOf(tx, work.build) });
  } catch (cause) {
    throw new BatchFailure(cause);
  }
}

function targetSink(work: BuildAtWork, target: Extract<Projection['destination'], { target: object }>['target']): Sink {
  const { store } = work;
  const { build } = work.build;
  return {
    position: () => target.position(build),
    async write(events, { from, to, advance }) {
      const wanted = recorded(work, await withoutParked(work, store, events));
      const written = await target.write(wanted, { build, from, to }).catch((cause: unknown) => {
        throw new BatchFailure(cause);
      });
      if (!written) throw targetMoved(work.build);
      await store.transact((tx) => advance(tx, to));
    },
  };
}

function recorded({ projection: { of }, contract }: BuildAtWork, events: readonly StoredEvent[]) {
  return events.map((event, index) => {
    try {
      return recordedEvent({ of, contract }, event);
    } catch (cause) {
      throw new BatchFailure(new EventFailure(index, cause));
    }
  });
}

async function withoutParked(
  { build: { projection, build } }: BuildAtWork,
  { projections }: Pick<Store, 'projections'>,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  const parked = await projections.parkedStreams({ projection, build, limit: MOST_PARKED });
  if (parked.length === 0) return events;
  if (parked.length >= MOST_PARKED) throw tooManyParked(projection);
  const streams = new Set(parked.map(({ stream }) => stream));
  return events.filter(({ stream }) => !streams.has(stream!));
}

function tooManyParked(projection: string): FlotillaError {
  return new FlotillaError('TOO_MANY_PARKED', {
    kind: 'internal',
    message: `Projection ${projection} has parked ${MOST_PARKED} streams, so its code or its tables are wrong. Mend them, then: flotilla projections rebuild ${projection}`,
  });
}

function targetMoved(build: ProjectionBuild): FlotillaError {
  return new FlotillaError('CURSOR_MOVED', {
    kind: 'conflict',
    message: `Another process has gone on with ${cursorOf(build)}; what was done here since is dropped.`,
  });
}
