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
} from '../contract/index.ts';
import type { EventsOf } from '../log/index.ts';
import type { ReceivedEvent, Subscription } from '../messaging/index.ts';
import type { Projection } from '../projection/index.ts';
import type { SagaDefinition } from '../saga/index.ts';
import type { Database } from '../store/index.ts';
import type { CommandContext, PrepareContext, QueryContext, TransactionContext } from './context.ts';

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

/** One handler per operation of the contract; a missing one is a compile error. */
export type Handlers<TContract extends Contract, TTables, TCalls extends Contracts, TConfig> =
  TContract extends Contract<string, infer TQueries, infer TCommands, infer TEvents>
    ? QueryHandlers<TQueries, TTables, TCalls, TConfig> & CommandHandlers<TCommands, TEvents, TTables, TCalls, TConfig>
    : never;

export interface ServiceSpec<TContract extends Contract, TTables, TCalls extends Contracts, TConfig> {
  database?: Database<TTables>;
  /** The only services it may call: the edges of the system graph. */
  calls?: TCalls;
  /** Schema of the service's own settings, read from `services.<name>` of the system's configuration. */
  config?: Schema<never, TConfig> | Schema<unknown, TConfig>;
  handlers: Handlers<TContract, TTables, TCalls, TConfig>;
  sagas?: readonly SagaDefinition[];
  projections?: readonly Projection[];
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
  readonly sagas: readonly SagaDefinition[];
  readonly projections: readonly Projection[];
}

/** A service that can be told what to do when other services' events arrive. Immutable: `on` returns a new one. */
export interface ServiceBuilder<TContract extends Contract, TTables, TConfig> extends ServiceDefinition<TContract> {
  /** Subscribes to an event of another service. The handler runs once per event, in one transaction with the inbox row. */
  on<TEvent extends EventType>(
    event: TEvent,
    handle: (
      event: ReceivedEvent<EventData<TEvent>>,
      context: TransactionContext<TTables, EventsOf<TContract>, TConfig>,
    ) => unknown,
  ): ServiceBuilder<TContract, TTables, TConfig>;
}

/** Declares a service. Everything is inferred from the contract, the database, the calls and the config schema. */
export function service<
  TContract extends Contract,
  TTables = unknown,
  TCalls extends Contracts = Record<never, never>,
  TConfig = undefined,
>(contract: TContract, spec: ServiceSpec<TContract, TTables, TCalls, TConfig>): ServiceBuilder<TContract, TTables, TConfig> {
  return builder({
    contract,
    database: (spec.database ?? { migrations: {} }) as Database,
    calls: spec.calls ?? {},
    config: spec.config as Schema | undefined,
    // From here on services of all types are run by one host, which passes each handler what its contract promises.
    handlers: spec.handlers as unknown as Record<string, AnyHandler>,
    subscriptions: [],
    sagas: spec.sagas ?? [],
    projections: spec.projections ?? [],
  });
}

function builder<TContract extends Contract, TTables, TConfig>(
  definition: ServiceDefinition<TContract>,
): ServiceBuilder<TContract, TTables, TConfig> {
  return {
    ...definition,
    on: (event, handle) => {
      const subscription: Subscription = { event, handle: handle as Subscription['handle'] };
      return builder({ ...definition, subscriptions: [...definition.subscriptions, subscription] });
    },
  };
}
