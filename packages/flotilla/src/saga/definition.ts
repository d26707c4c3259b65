import type { Contract, EventType, InputOf, OutputOf, Schema } from '../contract/index.ts';
import type { Duration } from '../kernel/index.ts';
import type { Unit } from '../log/index.ts';
import type { Database } from '../store/index.ts';
import type { Condition, DecisionWait, EventWait, OnTimeout, Stage } from './stage.ts';
import type { SagaStep, StepSpec, Told } from './step.ts';

type Contracts = Record<string, Contract>;
type None = Record<never, never>;

/** Why a saga turned back, or why it is stuck. */
export interface SagaReason {
  readonly step: string;
  readonly code: string;
  readonly message: string;
}

export interface SagaSpec<TInput extends Schema, TCalls extends Contracts, TTables, TContract extends Contract> {
  input: TInput;
  /** The business key: starting twice with one key starts once. */
  key: (input: OutputOf<TInput>) => string;
  /** The services its steps call. */
  calls?: TCalls;
  /** Of the service that owns the saga, so that its own writes are typed. */
  contract?: TContract;
  database?: Database<TTables>;
  /** Change it when steps change meaning; a running saga of an unknown version gets stuck instead of guessing. */
  version?: string;
}

type EndHandler = (unit: Unit, end: Told & { reason?: SagaReason }) => unknown;

/** An event of a service that starts the saga. */
export interface StartingEvent {
  readonly event: EventType;
  readonly input: (data: unknown) => unknown;
}

/** A saga is named steps with data: its state is the fold of its journal, so no code is ever replayed. */
export interface SagaDefinition<TInput extends Schema = Schema, TResults = unknown, TSignals = unknown> {
  readonly name: string;
  readonly version: string;
  readonly input: TInput;
  readonly key: (input: never) => string;
  readonly calls: Contracts;
  readonly stages: readonly Stage[];
  readonly startsOn: readonly StartingEvent[];
  readonly onDone: EndHandler | undefined;
  readonly onCompensated: EndHandler | undefined;
  /** Exists in the types only. */
  readonly types?: { readonly results: TResults; readonly signals: TSignals };
}

export type SagaInput<TSaga extends SagaDefinition> = InputOf<TSaga['input']>;
/** What the steps of a saga return, by name: the result of a child. */
export type SagaResults<TSaga extends SagaDefinition> = NonNullable<TSaga['types']>['results'];
/** What a saga may be told, by the name of the wait. */
export type SagaSignals<TSaga extends SagaDefinition> = NonNullable<TSaga['types']>['signals'];

/** Builds a saga step by step. Immutable: every method returns a new builder. */
export interface SagaBuilder<
  TInput extends Schema,
  TResults,
  TCalls extends Contracts,
  TUnit,
  TSignals = None,
> extends SagaDefinition<TInput, TResults, TSignals> {
  step<const TName extends string, TOutput>(
    name: TName,
    spec: StepSpec<OutputOf<TInput>, TResults, TCalls, TUnit, TOutput>,
  ): SagaBuilder<TInput, TResults & { readonly [TKey in TName]: Awaited<TOutput> }, TCalls, TUnit, TSignals>;
  /**
   * Steps that run at the same time: `parallel((side) => side.step('left', …).step('right', …))`. The next stage begins when all
   * succeeded; when one fails for good, all are undone.
   */
  parallel<TOutputs>(
    steps: (
      side: SideBySide<OutputOf<TInput>, TResults, TCalls, TUnit, None>,
    ) => SideBySide<OutputOf<TInput>, TResults, TCalls, TUnit, TOutputs>,
  ): SagaBuilder<TInput, TResults & TOutputs, TCalls, TUnit, TSignals>;
  /** Lets time pass: never less, by the clock of the store, whatever restarts meanwhile. */
  sleep(
    name: string,
    length: Duration | ((told: Told<OutputOf<TInput>, TResults>) => Duration),
  ): SagaBuilder<TInput, TResults, TCalls, TUnit, TSignals>;
  /** Waits for a decision or for an event; what was said is the result. Passed over when `when` says so. */
  waitFor<const TName extends string, TSchema extends Schema, const TOnTimeout extends OnTimeout = 'fail'>(
    name: TName,
    spec: DecisionWait<TSchema, TOnTimeout> & Condition<Told<OutputOf<TInput>, TResults>>,
  ): SagaBuilder<
    TInput,
    TResults & { readonly [TKey in TName]: Answer<OutputOf<TSchema>, 'go-on'> },
    TCalls,
    TUnit,
    TSignals & { readonly [TKey in TName]: InputOf<TSchema> }
  >;
  waitFor<const TName extends string, TSchema extends Schema, const TOnTimeout extends OnTimeout = 'fail'>(
    name: TName,
    spec: DecisionWait<TSchema, TOnTimeout>,
  ): SagaBuilder<
    TInput,
    TResults & { readonly [TKey in TName]: Answer<OutputOf<TSchema>, TOnTimeout> },
    TCalls,
    TUnit,
    TSignals & { readonly [TKey in TName]: InputOf<TSchema> }
  >;
  waitFor<const TName extends string, TEvent extends EventType, const TOnTimeout extends OnTimeout = 'fail'>(
    name: TName,
    spec: EventWait<TEvent, TOnTimeout> & Condition<Told<OutputOf<TInput>, TResults>>,
  ): SagaBuilder<
    TInput,
    TResults & { readonly [TKey in TName]: Answer<OutputOf<TEvent['schema']>, 'go-on'> },
    TCalls,
    TUnit,
    TSignals & { readonly [TKey in TName]: InputOf<TEvent['schema']> }
  >;
  waitFor<const TName extends string, TEvent extends EventType, const TOnTimeout extends OnTimeout = 'fail'>(
    name: TName,
    spec: EventWait<TEvent, TOnTimeout>,
  ): SagaBuilder<
    TInput,
    TResults & { readonly [TKey in TName]: Answer<OutputOf<TEvent['schema']>, TOnTimeout> },
    TCalls,
    TUnit,
    TSignals & { readonly [TKey in TName]: InputOf<TEvent['schema']> }
  >;
  /**
   * Starts another saga of this service and waits for its end; its results are the result. A child that turned back fails the
   * step; when the parent turns back, so does the child, unless it passed its pivot.
   */
  child<const TName extends string, TChild extends SagaDefinition>(
    name: TName,
    saga: TChild,
    input: (told: Told<OutputOf<TInput>, TResults>) => InputOf<TChild['input']>,
  ): SagaBuilder<TInput, TResults & { readonly [TKey in TName]: SagaResults<TChild> }, TCalls, TUnit, TSignals>;
  /** From here to its end no other saga of this service has the resource; who asks later waits, in order. */
  lock(
    name: string,
    resource: (told: Told<OutputOf<TInput>, TResults>) => string,
  ): SagaBuilder<TInput, TResults, TCalls, TUnit, TSignals>;
  /** Starts by itself with each event of this type; the service subscribes to it by this very line. */
  startOn<TEvent extends EventType>(
    event: TEvent,
    input: (data: OutputOf<TEvent['schema']>) => InputOf<TInput>,
  ): SagaBuilder<TInput, TResults, TCalls, TUnit, TSignals>;
  /** Runs in the transaction that ends the saga well. */
  done(
    handler: (unit: TUnit, end: Told<OutputOf<TInput>, TResults>) => unknown,
  ): SagaBuilder<TInput, TResults, TCalls, TUnit, TSignals>;
  /** Runs in the transaction that ends the saga after everything was undone, because a step failed or somebody cancelled it. */
  compensated(
    handler: (unit: TUnit, end: Told<OutputOf<TInput>, Partial<TResults>> & { reason: SagaReason }) => unknown,
  ): SagaBuilder<TInput, TResults, TCalls, TUnit, TSignals>;
}

/** Gathers steps that run at the same time. They see what came before, and nothing of each other. */
export interface SideBySide<TInput, TResults, TCalls extends Contracts, TUnit, TOutputs> {
  readonly steps: readonly SagaStep[];
  /** Exists in the types only. */
  readonly outputs?: TOutputs;
  step<const TName extends string, TOutput>(
    name: TName,
    spec: StepSpec<TInput, TResults, TCalls, TUnit, TOutput>,
  ): SideBySide<TInput, TResults, TCalls, TUnit, TOutputs & { readonly [TKey in TName]: Awaited<TOutput> }>;
}

type Answer<TData, TOnTimeout extends OnTimeout> = TOnTimeout extends 'go-on' ? TData | undefined : TData;
