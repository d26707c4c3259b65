import type { Commands, Contract, Events, Queries } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { NewEvent, Transaction } from '../store/index.ts';
import type { Aggregate, Loaded } from './aggregate.ts';
import { change } from './change.ts';
import { declaredEvent } from './declared-event.ts';
import { loadAggregate, type LoadOptions, type Moment } from './load.ts';
import { type EventFactoryOptions, invalidEvent, newEvent, validateEvent } from './new-event.ts';
import type { Change, Load, Target, Unit } from './unit.ts';

export interface OpenUnitOptions<TTables, TEvents extends Events> extends EventFactoryOptions {
  readonly tx: Transaction<TTables>;
  readonly contract: Contract<string, Queries, Commands, TEvents>;
  readonly keepSnapshot?: LoadOptions['keepSnapshot'];
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
  // It may fold events that never commit, so it makes no snapshots.
  const load = (of: Aggregate, id: string, moment?: Moment): Promise<Loaded<unknown>> =>
    loadAggregate({ reader: tx.events, contract }, { of, id }, moment);
  const decideOn = (of: Aggregate, target: Target, next: unknown): Promise<Loaded<unknown>> =>
    change(options, { of, target, next });

  return {
    // The contract's types hold for callers; in here every event and aggregate is handled alike.
    unit: { db: tx.db, emit, load: load as Load, change: decideOn as Change },
    flush: async () => {
      ended = true;
      if (emitted.length === 0) return;
      for (const event of emitted) await validateEvent(contract, event);
      await tx.events.append({ events: emitted });
    },
  };
}

function unitEnded(type: string): FlotillaError {
  return new FlotillaError('TRANSACTION_ENDED', {
    kind: 'internal',
    message: `${type} was emitted after its transaction ended. Await everything the handler starts.`,
  });
}
