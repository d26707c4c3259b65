import type {
  Commands,
  Contract,
  EventData,
  Events,
  EventType,
  InputOf,
  OperationSpec,
  OutputOf,
  Queries,
  Schema,
  StreamOperationSpec,
  Streams,
} from '../contract/index.ts';
import { type Aggregate, assertPresent, type EventsOf, type Upcasters } from '../log/index.ts';
import type { ReceivedEvent, Subscription } from '../messaging/index.ts';
import type { Projection } from '../projection/index.ts';
import { type SagaDefinition, sagaSubscriptions } from '../saga/index.ts';
import type { Database } from '../store/index.ts';
import type { CommandContext, PrepareContext, QueryContext, StreamContext, TransactionContext } from './context.ts';
import type { LeadContext } from './lead-context.ts';

type Contracts = Record<string, Contract>;
type Handle<TSpec extends OperationSpec, TContext> = (
  input: OutputOf<TSpec['input']>,
  context: TContext,
) => InputOf<TSpec['output']> | Promise<InputOf<TSpec['output']>>;

/**
 * A command in two parts, for one that must ask the outside world first. `prepare` may wait, call out and run again; what it
 * returns is the one transaction.
 */
export interface TwoPart<TInput, TOutput, TPrepareContext, TCommandContext> {
  readonly prepare: (
    input: TInput,
    context: TPrepareContext,
  ) => Promise<(context: TCommandContext) => TOutput | Promise<TOutput>>;
}

type QueryHandlers<TQueries extends Queries, TTables, TCalls extends Contracts, TConfig> = {
  [TKey in keyof TQueries]: Handle<TQueries[TKey], QueryContext<TTables, TQueries[TKey], TCalls, TConfig>>;
};

type CommandHandlers<TCommands extends Commands, TEvents extends Events, TTables, TCalls extends Contracts, TConfig> = {
  [TKey in keyof TCommands]:
    | Handle<TCommands[TKey], CommandContext<TTables, TCommands[TKey], TEvents, TConfig>>
    | TwoPart<
        OutputOf<TCommands[TKey]['input']>,
        InputOf<TCommands[TKey]['output']>,
        PrepareContext<TTables, TCommands[TKey], TCalls, TConfig>,
        CommandContext<TTables, TCommands[TKey], TEvents, TConfig>
      >;
};

/**
 * A stream is a function that returns items, mostly an async generator. What it does before, if it is not a generator itself, decides
 * whether the call is accepted; failures after that end the stream.
 */
type Tell<TSpec extends OperationSpec, TContext> = (
  input: OutputOf<TSpec['input']>,
  context: TContext,
) => AsyncIterable<InputOf<TSpec['output']>> | Promise<AsyncIterable<InputOf<TSpec['output']>>>;

type StreamHandlers<TStreams extends Streams, TTables, TCalls extends Contracts, TConfig> = {
  [TKey in keyof TStreams]: Tell<
    StreamOperationSpec<TStreams[TKey]>,
    StreamContext<TTables, StreamOperationSpec<TStreams[TKey]>, TCalls, TConfig>
  >;
};

/** One handler per operation of the contract; a missing one is a compile error. */
export type Handlers<TContract extends Contract, TTables, TCalls extends Contracts, TConfig> =
  TContract extends Contract<string, infer TQueries, infer TCommands, infer TEvents, infer TStreams>
    ? QueryHandlers<TQueries, TTables, TCalls, TConfig> &
        CommandHandlers<TCommands, TEvents, TTables, TCalls, TConfig> &
        StreamHandlers<TStreams, TTables, TCalls, TConfig>
    : never;

export interface ServiceSpec<TContract extends Contract, TTables, TCalls extends Contracts, TConfig> {
  database?: Database<TTables>;
  /** The only services it may call: the edges of the system graph. */
  calls?: TCalls;
  /** Schema of the service's own settings, read from `services.<name>` of the system's configuration. */
  config?: Schema<never, TConfig> | Schema<unknown, TConfig>;
  handlers: Handlers<TContract, TTables, TCalls, TConfig>;
  /** Things whose state is the fold of their events; what operators look at, and what upcasts published events. */
  aggregates?: readonly Aggregate[];
  /** For published events that belong to no aggregate. */
  upcasters?: Upcasters<keyof EventsOf<TContract> & string>;
  sagas?: readonly SagaDefinition[];
  projections?: readonly Projection[];
}

/** Work for one process at a time, as the host runs it; the builder has checked the types. */
export interface LeaderDefinition {
  readonly name: string;
  readonly work: (context: object) => Promise<unknown>;
}

/** A handler as the host runs it; `service` has checked the types. */
export type AnyHandler =
  | ((input: unknown, context: object) => unknown)
  | { prepare: (input: unknown, context: object) => Promise<(context: object) => unknown> };

/** A service: a contract and how it is kept. */
export interface ServiceDefinition<TContract extends Contract = Contract> {
  readonly contract: TContract;
  readonly database: Database;
  readonly calls: Contracts;
  readonly config: Schema | undefined;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  readonly subscriptions: readonly Subscription[];
  readonly aggregates: readonly Aggregate[];
  readonly upcasters: Upcasters;
  readonly sagas: readonly SagaDefinition[];
  readonly projections: readonly Projection[];
  readonly leaders: readonly LeaderDefinition[];
}

/**
 * A service that can be told what to do when other services' events arrive, and what to do by itself. Immutable: `on` and `leader`
 * return a new one.
 */
export interface ServiceBuilder<
  TContract extends Contract,
  TTables,
  TConfig,
  TCalls extends Contracts = Record<never, never>,
> extends ServiceDefinition<TContract> {
  /** Subscribes to an event of another service. The handler runs once per event, in one transaction with the inbox row. */
  on<TEvent extends EventType>(
    event: TEvent,
    handle: (
      event: ReceivedEvent<EventData<TEvent>>,
      context: TransactionContext<TTables, EventsOf<TContract>, TConfig>,
    ) => unknown,
  ): ServiceBuilder<TContract, TTables, TConfig, TCalls>;
  /**
   * Work that goes on in one process at a time, however many run the service: a report at night, pruning. It runs for as long as
   * its process leads; when it returns or throws, the lead is given up, and a few seconds later somebody takes it.
   */
  leader(
    name: string,
    work: (lead: LeadContext<TTables, EventsOf<TContract>, TCalls, TConfig>) => Promise<unknown>,
  ): ServiceBuilder<TContract, TTables, TConfig, TCalls>;
}

/** Declares a service. Everything is inferred from the contract, the database, the calls and the config schema. */
export function service<
  TContract extends Contract,
  TTables = unknown,
  TCalls extends Contracts = Record<never, never>,
  TConfig = undefined,
>(
  contract: TContract,
  spec: ServiceSpec<TContract, TTables, TCalls, TConfig>,
): ServiceBuilder<TContract, TTables, TConfig, TCalls> {
  return builder({
    contract,
    database: (spec.database ?? { migrations: {} }) as Database,
    calls: spec.calls ?? {},
    config: spec.config as Schema | undefined,
    // From here on services of all types are run by one host, which passes each handler what its contract promises.
    handlers: spec.handlers as unknown as Record<string, AnyHandler>,
    subscriptions: sagaSubscriptions(spec.sagas ?? []),
    aggregates: presentAggregates(contract, spec),
    upcasters: spec.upcasters ?? {},
    sagas: spec.sagas ?? [],
    projections: spec.projections ?? [],
    leaders: [],
  });
}

function presentAggregates(
  contract: Contract,
  { aggregates = [], upcasters = {} }: { aggregates?: readonly Aggregate[]; upcasters?: Upcasters },
): readonly Aggregate[] {
  assertPresent({ contract, upcasters }, contract.name);
  for (const of of aggregates) assertPresent({ contract, upcasters: of.upcasters }, of.name);
  return aggregates;
}

function builder<TContract extends Contract, TTables, TConfig, TCalls extends Contracts>(
  definition: ServiceDefinition<TContract>,
): ServiceBuilder<TContract, TTables, TConfig, TCalls> {
  return {
    ...definition,
    on: (event, handle) => {
      const subscription: Subscription = { event, handle: handle as Subscription['handle'] };
      return builder({ ...definition, subscriptions: [...definition.subscriptions, subscription] });
    },
    leader: (name, work) => {
      const one: LeaderDefinition = { name, work: work as LeaderDefinition['work'] };
      return builder({ ...definition, leaders: [...definition.leaders, one] });
    },
  };
}
