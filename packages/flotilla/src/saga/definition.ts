import type { Clients } from '../client/index.ts';
import type { Contract, InputOf, OutputOf, Schema } from '../contract/index.ts';
import type { Duration } from '../kernel/index.ts';
import type { Unit } from '../log/index.ts';
import type { Database } from '../store/index.ts';

type Contracts = Record<string, Contract>;
/** What the steps so far returned, by step name. */
type Results = Record<string, unknown>;

/** What a step works with. Calls made through `calls` carry the step's own idempotency key, equal over all its attempts. */
export interface StepContext<TInput, TResults, TCalls extends Contracts> {
  readonly sagaId: string;
  readonly input: TInput;
  readonly results: TResults;
  readonly calls: Clients<TCalls>;
  /** Aborts when the step's time is up or this process lost the saga. */
  readonly signal: AbortSignal;
  /** `hash(saga, step, direction)`, for effects outside Flotilla. */
  readonly idempotencyKey: string;
  /** Participants may refuse a lower fence than they have seen. */
  readonly fence: number;
  /** From 1. */
  readonly attempt: number;
}

export interface StepRetry {
  /** Tries in all; 5 unless said, over some 3 s. A service that certainly did nothing because it is away is waited for longer. One that a crash cut short counts too, so a step that kills its process can't go round for ever. */
  attempts?: number;
  /** Tries to undo it before the saga gets stuck and a person is asked; 8 unless said, which outlasts a participant's restart. */
  compensations?: number;
}

export interface StepSpec<TInput, TResults, TCalls extends Contracts, TUnit, TOutput> {
  /**
   * Does the work: it may wait and call out, and it may run again with the same key. Its result is kept in the journal as JSON.
   * Make it one effect: a step that fails after a command of its own succeeded is not tried again but undone as a whole.
   */
  run: (context: StepContext<TInput, TResults, TCalls>) => Promise<TOutput> | TOutput;
  /** Writes to this service's own database, in the very transaction that journals the result. */
  commit?: (output: TOutput, unit: TUnit, context: { input: TInput; results: TResults }) => unknown;
  /** Undoes the work. It must accept that the work never happened, because a step that timed out is undone as well. */
  compensate?: (context: StepContext<TInput, Partial<TResults & Results>, TCalls>) => Promise<unknown>;
  /** Writes to this service's own database, in the very transaction that journals a successful compensation. */
  undone?: (unit: TUnit, context: { input: TInput; results: Partial<TResults & Results> }) => unknown;
  /** Asks whether an attempt whose outcome is unknown took effect: its output if so, undefined if it certainly did not. */
  check?: (context: StepContext<TInput, TResults, TCalls>) => Promise<TOutput | undefined>;
  /** Time for one attempt; 5 s unless said. */
  timeout?: Duration;
  retry?: StepRetry;
  /** The point of no return: once this step succeeded the saga only goes forward. */
  pivot?: boolean;
}

/** A step as the coordinator runs it; the builder has checked the types. */
export interface SagaStep {
  readonly name: string;
  readonly run: (context: StepContext<unknown, Results, Contracts>) => unknown;
  readonly commit: ((output: unknown, unit: Unit, context: { input: unknown; results: Results }) => unknown) | undefined;
  readonly compensate: ((context: StepContext<unknown, Results, Contracts>) => Promise<unknown>) | undefined;
  readonly undone: ((unit: Unit, context: { input: unknown; results: Results }) => unknown) | undefined;
  readonly check: ((context: StepContext<unknown, Results, Contracts>) => Promise<unknown>) | undefined;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly compensations: number;
  readonly pivot: boolean;
}

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
  /** The only services its steps may call. */
  calls?: TCalls;
  /** The service that owns the saga, and its database, for `commit`, `onDone` and `onCompensated`. */
  contract?: TContract;
  database?: Database<TTables>;
  /** Change it when steps change meaning; a running saga of an unknown version gets stuck instead of guessing. */
  version?: string;
}

type EndHandler = (unit: Unit, end: { input: unknown; results: Results; reason?: SagaReason }) => unknown;

/** A saga is named steps with data: its state is the fold of its journal, so no code is ever replayed. */
export interface SagaDefinition<TInput extends Schema = Schema> {
  readonly name: string;
  readonly version: string;
  readonly input: TInput;
  readonly key: (input: never) => string;
  readonly calls: Contracts;
  readonly steps: readonly SagaStep[];
  readonly onDone: EndHandler | undefined;
  readonly onCompensated: EndHandler | undefined;
}

/** Builds a saga step by step. Immutable: every method returns a new builder. */
export interface SagaBuilder<TInput extends Schema, TResults, TCalls extends Contracts, TUnit> extends SagaDefinition<TInput> {
  step<const TName extends string, TOutput>(
    name: TName,
    spec: StepSpec<OutputOf<TInput>, TResults, TCalls, TUnit, TOutput>,
  ): SagaBuilder<TInput, TResults & { readonly [TKey in TName]: Awaited<TOutput> }, TCalls, TUnit>;
  /** Runs in the transaction that ends the saga well. */
  done(
    handler: (unit: TUnit, end: { input: OutputOf<TInput>; results: TResults }) => unknown,
  ): SagaBuilder<TInput, TResults, TCalls, TUnit>;
  /** Runs in the transaction that ends the saga after everything was undone. */
  compensated(
    handler: (unit: TUnit, end: { input: OutputOf<TInput>; results: Partial<TResults>; reason: SagaReason }) => unknown,
  ): SagaBuilder<TInput, TResults, TCalls, TUnit>;
}

export type SagaInput<TSaga extends SagaDefinition> = InputOf<TSaga['input']>;
