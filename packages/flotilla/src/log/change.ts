import { FlotillaError } from '../kernel/index.ts';
import type { NewEvent, Transaction } from '../store/index.ts';
import { type Aggregate, type Changed, type DomainEvent, streamOf } from './aggregate.ts';
import { type Folded, loadAggregate, type LoadOptions, offerSnapshot } from './load.ts';
import { type EventFactoryOptions, newEvent, validateEvent } from './new-event.ts';
import type { Target } from './unit.ts';

export interface ChangeOptions extends EventFactoryOptions, Pick<LoadOptions, 'keepSnapshot'> {
  readonly tx: Pick<Transaction, 'events' | 'afterCommit'>;
}

export interface Decided<TState, TEvent extends DomainEvent, TCommand> {
  readonly of: Aggregate<TState, TEvent, TCommand>;
  readonly target: Target;
  readonly next: TCommand | ((state: TState) => readonly DomainEvent[]);
}

/** Loads, decides, appends. A snapshot that becomes due is handed over when the transaction has committed. */
export async function change<TState, TEvent extends DomainEvent, TCommand>(
  options: ChangeOptions,
  { of, target, next }: Decided<TState, TEvent, TCommand>,
): Promise<Changed<TState>> {
  const { tx, contract } = options;
  const { id, version: seen } = typeof target === 'string' ? { id: target } : target;
  const stream = streamOf(of, id);
  const loaded = await loadAggregate({ reader: tx.events, contract }, { of, id });
  if (seen !== undefined && seen !== loaded.version) throw changedMeanwhile(stream, seen, loaded.version);
  const decided = typeof next === 'function' ? (next as Decision<TState>)(loaded.state) : decideBy(of, next, loaded.state);
  const events = decided.map(({ type, data }) => newEvent(options, { type, data, key: stream, upcasters: of.upcasters }));
  for (const event of events) await validateEvent(contract, event);
  // Of nothing too: what was decided on must still be so, and where it stands is what the caller may wait for.
  const { lastPosition: position } = await tx.events.append({ stream, expectedVersion: loaded.version, events });
  if (events.length === 0) return { ...loaded, position };
  const changed = evolveNew(of, loaded, events);
  const { at } = events.at(-1)!;
  tx.afterCommit(() => offerSnapshot(options, { of, stream, at }, changed));
  return { ...changed, position };
}

type Decision<TState> = (state: TState) => readonly DomainEvent[];

function decideBy<TState, TEvent extends DomainEvent, TCommand>(
  of: Aggregate<TState, TEvent, TCommand>,
  command: TCommand,
  state: TState,
): readonly TEvent[] {
  if (of.decide) return of.decide(command, state);
  throw new FlotillaError('INVALID_AGGREGATE', {
    kind: 'invalid',
    message: `The aggregate '${of.name}' has no decide, so it takes no commands. Give it one, or pass a function of its state.`,
  });
}

/** Events that were just made have the present schema. */
function evolveNew<TState, TEvent extends DomainEvent>(
  of: Pick<Aggregate<TState, TEvent, never>, 'evolve'>,
  loaded: Folded<TState>,
  events: readonly NewEvent[],
): Folded<TState> {
  const evolve = (state: TState, { type, data, at }: NewEvent): TState =>
    of.evolve(state, { type, data, at } as TEvent & { at: number });
  return { ...loaded, state: events.reduce(evolve, loaded.state), version: loaded.version + events.length };
}

function changedMeanwhile(stream: string, seen: number, version: number): FlotillaError {
  return new FlotillaError('VERSION_OUTDATED', {
    kind: 'conflict',
    message: `'${stream}' is at version ${version}; version ${seen} is what the caller has seen. Look at it again.`,
    details: { stream, expectedVersion: seen, version },
  });
}
