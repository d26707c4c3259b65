import type { Contract } from '../contract/index.ts';
import type { EventReader, Snapshot, StoredEvent } from '../store/index.ts';
import { type Aggregate, type DomainEvent, type Loaded, streamOf } from './aggregate.ts';
import { upcastEvent } from './upcasters.ts';

export interface LoadOptions {
  readonly reader: Pick<EventReader, 'readStream' | 'readFromSnapshot'>;
  readonly contract: Contract;
  /** Takes snapshots that became due. */
  readonly keepSnapshot?: ((snapshot: Snapshot) => void) | undefined;
}

/** A moment in the past: after so many events, or at a wall-clock time in milliseconds. */
export type Moment = { readonly atVersion: number } | { readonly atTime: number };

export interface AggregateId<TState, TEvent extends DomainEvent> {
  readonly of: Aggregate<TState, TEvent, never>;
  readonly id: string;
}

/** A fold and where it began, which tells when the next snapshot is due. */
export interface Folded<TState> extends Loaded<TState> {
  readonly from: number;
}

/** The state of an aggregate, now or at a moment. Inside a transaction it sees that transaction's own appends. */
export async function loadAggregate<TState, TEvent extends DomainEvent>(
  options: LoadOptions,
  { of, id }: AggregateId<TState, TEvent>,
  moment?: Moment,
): Promise<Folded<TState>> {
  const { reader, contract } = options;
  const stream = streamOf(of, id);
  const start: Folded<TState> = { state: of.initial, version: 0, from: 0 };
  if (moment) return fold({ of, contract }, start, await readUntil(reader, stream, moment));
  if (!of.snapshots) return fold({ of, contract }, start, await reader.readStream(stream));
  const { snapshot, events } = await reader.readFromSnapshot(stream, of.snapshots.foldHash);
  // Made by this very fold, or it would not have been found.
  const base = snapshot ? { state: snapshot.data as TState, version: snapshot.version, from: snapshot.version } : start;
  const folded = fold({ of, contract }, base, events);
  const last = events.at(-1);
  if (last) offerSnapshot(options, { of, stream, at: last.at }, folded);
  return folded;
}

/** Hands over a snapshot if enough events were folded since the last one. */
export function offerSnapshot<TState>(
  { keepSnapshot }: Pick<LoadOptions, 'keepSnapshot'>,
  { of, stream, at }: { of: Pick<Aggregate, 'snapshots'>; stream: string; at: number },
  { state, version, from }: Folded<TState>,
): void {
  if (!of.snapshots || version - from < of.snapshots.every) return;
  keepSnapshot?.({ stream, version, foldHash: of.snapshots.foldHash, data: state, at });
}

/** The state after more stored events. */
export function fold<TState, TEvent extends DomainEvent>(
  { of, contract }: { of: Aggregate<TState, TEvent, never>; contract: Contract },
  base: Folded<TState>,
  events: readonly StoredEvent[],
): Folded<TState> {
  const schemas = { contract, upcasters: of.upcasters };
  const evolve = (state: TState, event: StoredEvent): TState => {
    const { type, data, at } = upcastEvent(schemas, event);
    // The stream holds only what `change` appended to it, so each stored event is one of the aggregate's own.
    return of.evolve(state, { type, data, at } as TEvent & { at: number });
  };
  return { ...base, state: events.reduce(evolve, base.state), version: base.version + events.length };
}

/** A stream up to a moment, or all of it. */
export async function readUntil(
  reader: Pick<EventReader, 'readStream'>,
  stream: string,
  moment?: Moment,
): Promise<readonly StoredEvent[]> {
  if (!moment) return await reader.readStream(stream);
  if ('atVersion' in moment) return await reader.readStream(stream, { upTo: moment.atVersion });
  const events = await reader.readStream(stream);
  // Clocks may step back; the order of the stream is what counts.
  const later = events.findIndex(({ at }) => at > moment.atTime);
  return later === -1 ? events : events.slice(0, later);
}
