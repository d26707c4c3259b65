import { type Clock, sleep } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { type DomainEvent, type Loaded, streamOf } from './aggregate.ts';
import { type AggregateId, loadAggregate, type LoadOptions } from './load.ts';
import { createBell } from './pace.ts';

/** Finds what other processes have committed. */
const POLL_MS = 500;
/** However often it changes, nobody is told more often. */
const PAUSE_MS = 50;

export interface FollowOptions extends Omit<LoadOptions, 'reader'> {
  readonly store: Pick<Store, 'events' | 'onCommit'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The state of an aggregate now, and again each time it has changed; changes in quick succession are one. Ends with the signal. */
export async function* followAggregate<TState, TEvent extends DomainEvent>(
  { store, clock, signal, ...options }: FollowOptions,
  { of, id }: AggregateId<TState, TEvent>,
): AsyncGenerator<Loaded<TState>, void> {
  const bell = createBell(clock);
  using _commits = store.onCommit(({ events }) => void (events && bell.ring()));
  let version = -1;
  while (!signal.aborted) {
    if (version === -1 || (await store.events.readStream(streamOf(of, id), { after: version, limit: 1 })).length > 0) {
      const loaded = await loadAggregate({ ...options, reader: store.events }, { of, id });
      version = loaded.version;
      yield { state: loaded.state, version };
      await sleep(clock, PAUSE_MS, signal).catch(() => undefined);
    }
    await bell.wait(POLL_MS, signal);
  }
}
