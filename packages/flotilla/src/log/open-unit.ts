import type { Commands, Contract, Events, Queries } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { NewEvent, Transaction } from '../store/index.ts';
import { type Aggregate, type DomainEvent, type Loaded, streamOf } from './aggregate.ts';
import { evolveAll, loadAggregate } from './load.ts';
import { declaredEvent, type EventFactoryOptions, invalidEvent, newEvent, validateEvent } from './new-event.ts';
import type { Load, Unit } from './unit.ts';

export interface OpenUnitOptions<TTables, TEvents extends Events> extends EventFactoryOptions {
  readonly tx: Transaction<TTables>;
  readonly contract: Contract<string, Queries, Commands, TEvents>;
}

/** A unit at work. `flush` ends it: call it once, last in the transaction, or what was emitted is lost. */
export interface OpenUnit<TTables, TEvents extends Events> {
  readonly unit: Unit<TTables, TEvents>;
  /** Validates and appends what was emitted. Throws `INVALID_EVENT` for data that breaks its schema. */
  flush(): Promise<void>;
}

/** Gives a transaction the words that service code is written in. Aggregates append at once; emitted events follow them. */
export function openUnit<TTables, TEvents extends Events>(
  options: OpenUnitOptions<TTables, TEvents>,
): OpenUnit<TTables, TEvents> {
  const { tx, contract } = options;
  const emitted: NewEvent[] = [];
  let ended = false;

  const emit = (type: string, data: unknown, { key }: { key?: string } = {}): void => {
    if (ended) throw unitEnded(type);
    if (!declaredEvent(contract, type)) throw invalidEvent(contract, type, 'the contract declares no such event');
    emitted.push(newEvent(options, { type, data, key }));
  };
  const load = (of: Aggregate, id: string): Promise<Loaded<unknown>> => loadAggregate(tx.events, of, id);

  return {
    // The contract's types hold for callers; in here every event and aggregate is handled alike.
    unit: { db: tx.db, emit, load: load as Load, change: (of, id, decide) => change(options, { of, id, decide }) },
    flush: async () => {
      ended = true;
      if (emitted.length === 0) return;
      for (const event of emitted) await validateEvent(contract, event);
      await tx.events.append({ events: emitted });
    },
  };
}

interface Change<TState, TEvent extends DomainEvent> {
  readonly of: Aggregate<TState, TEvent>;
  readonly id: string;
  readonly decide: (state: TState) => readonly DomainEvent[];
}

async function change<TTables, TEvents extends Events, TState, TEvent extends DomainEvent>(
  options: OpenUnitOptions<TTables, TEvents>,
  { of, id, decide }: Change<TState, TEvent>,
): Promise<Loaded<TState>> {
  const { tx, contract } = options;
  const stream = streamOf(of, id);
  const loaded = await loadAggregate(tx.events, of, id);
  const events = decide(loaded.state).map(({ type, data }) => newEvent(options, { type, data, key: stream }));
  if (events.length === 0) return loaded;
  for (const event of events) await validateEvent(contract, event);
  await tx.events.append({ stream, expectedVersion: loaded.version, events });
  return evolveAll(of, loaded, events);
}

function unitEnded(type: string): FlotillaError {
  return new FlotillaError('TRANSACTION_ENDED', {
    kind: 'internal',
    message: `${type} was emitted after its transaction ended. Await everything the handler starts.`,
  });
}
