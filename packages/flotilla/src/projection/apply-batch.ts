import { FlotillaError, isFlotillaError, type Runtime } from '../kernel/index.ts';
import type { Advance } from '../log/index.ts';
import type { StoredEvent } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { BatchFailure, type BuildAtWork, type Sink } from './sink.ts';

/** How often an event may fail before its stream is set aside. */
export const ATTEMPTS = 5;

export interface ApplierOptions extends BuildAtWork {
  readonly sink: Sink;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/** Takes the next part of the log; what it does not get to is taken the next time. */
export type Applier = (batch: readonly StoredEvent[], move: { from: number; to: number; advance: Advance }) => Promise<void>;

/**
 * Applies a batch whole. If that fails, it applies what comes before the event at fault, or a half when nobody knows which one that
 * is or when the time ran out. An event that fails at the head of a batch throws `PROJECTION_FAILED`; when that has happened often
 * enough its stream is parked.
 */
export function createApplier(options: ApplierOptions): Applier {
  const { sink, projection } = options;
  let failing: { position: number; failures: number } | undefined;
  /** How many events could be applied in the time that a transaction has. */
  let inTime = projection.batchSize;

  const apply: Applier = async (batch, move) => {
    if (batch.length > inTime) return await applyFirst(inTime, batch, move);
    try {
      await sink.write(batch, move);
      inTime = Math.min(projection.batchSize, inTime * 2);
    } catch (thrown) {
      const isLate = isTimeout(thrown);
      if (!isLate && !isOfProjection(thrown)) throw thrown;
      if (isLate) inTime = Math.max(1, Math.floor(batch.length / 2));
      const good = (isLate ? undefined : thrown.index) ?? Math.floor(batch.length / 2);
      if (good > 0) return await applyFirst(good, batch, move);
      await failed(batch[0]!, isLate ? thrown : thrown.cause, move);
    }
  };

  const applyFirst = (count: number, batch: readonly StoredEvent[], move: Parameters<Applier>[1]): Promise<void> =>
    apply(batch.slice(0, count), { ...move, to: batch[count - 1]!.position });

  async function failed(event: StoredEvent, cause: unknown, { advance }: { advance: Advance }): Promise<void> {
    const failures = failing?.position === event.position ? failing.failures + 1 : 1;
    failing = { position: event.position, failures };
    if (failures < ATTEMPTS || projection.strict) throw projectionFailed(options, event, cause);
    await park(options, event, { cause, advance });
  }

  return apply;
}

function isTimeout(thrown: unknown): thrown is FlotillaError {
  return isFlotillaError(thrown) && thrown.code === 'TRANSACTION_TIMEOUT';
}

/** Only what the projection's own code throws is the event's fault; a database that is away comes back. */
export function isOfProjection(thrown: unknown): thrown is BatchFailure {
  return thrown instanceof BatchFailure && !(isFlotillaError(thrown.cause) && thrown.cause.kind === 'unavailable');
}

async function park(
  { store, build, projection, runtime, log }: ApplierOptions,
  event: StoredEvent,
  { cause, advance }: { cause: unknown; advance: Advance },
): Promise<void> {
  const stream = event.stream!;
  await store.transact(async (tx) => {
    await tx.projections.park({
      projection: projection.name,
      build: build.build,
      stream,
      version: event.version!,
      position: event.position,
      error: reason(cause),
      at: runtime.clock.now(),
    });
    await advance(tx, event.position);
  });
  log.error(
    { projection: projection.name, build: build.build, stream, position: event.position, err: cause },
    `${event.type} can't be applied: its stream is parked for this projection. Mend the code, then: flotilla projections unpark`,
  );
}

export function projectionFailed(
  { projection, build }: Pick<BuildAtWork, 'projection' | 'build'>,
  { type, stream, position }: StoredEvent,
  cause: unknown,
): FlotillaError {
  return new FlotillaError('PROJECTION_FAILED', {
    kind: 'internal',
    message: `Projection ${projection.name} v${build.version} can't apply ${type} of ${stream} at position ${position}: ${reason(cause)}`,
    cause,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
