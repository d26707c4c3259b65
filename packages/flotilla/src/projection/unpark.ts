import { FlotillaError } from '../kernel/index.ts';
import type { StoredEvent } from '../store/index.ts';
import { isOfProjection, projectionFailed } from './apply-batch.ts';
import { applyTo, BatchFailure, type BuildAtWork, cursorOf, MOST_PARKED } from './sink.ts';

/**
 * Applies what a parked stream has waited with, up to where its build stands, and lets it go on with the others. Throws
 * `PROJECTION_FAILED`, and the stream stays parked, when an event still can't be applied.
 */
export async function unparkStream(work: BuildAtWork, stream: string): Promise<void> {
  const { store, projection, build } = work;
  const which = { projection: projection.name, build: build.build };
  let waiting: StoredEvent[] = [];
  try {
    await store.transact(async (tx) => {
      const parked = (await tx.projections.parkedStreams({ ...which, limit: MOST_PARKED })).find((one) => one.stream === stream);
      if (!parked) throw notParked(projection.name, stream);
      const reached = await tx.cursors.position(cursorOf(build));
      const events = await tx.events.readStream(stream, { after: parked.version - 1 });
      waiting = events.filter(({ position, type }) => position <= reached && (projection.types?.includes(type) ?? true));
      await applyTo(tx, work, waiting);
      await tx.projections.unpark({ ...which, stream });
    });
  } catch (thrown) {
    if (!isOfProjection(thrown)) throw thrown instanceof BatchFailure ? thrown.cause : thrown;
    throw projectionFailed(work, waiting[thrown.index ?? 0]!, thrown.cause);
  }
}

function notParked(projection: string, stream: string): FlotillaError {
  const message = `'${stream}' is not parked for projection '${projection}'. 'flotilla projections' shows what is.`;
  return new FlotillaError('STREAM_NOT_PARKED', { kind: 'not-found', message });
}
