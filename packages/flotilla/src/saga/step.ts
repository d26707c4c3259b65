import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import type { Duration } from '../kernel/index.ts';
import type { Unit } from '../log/index.ts';

type Contracts = Record<string, Contract>;
/** What the steps so far returned, by step name. */
export type Results = Record<string, unknown>;

/** What the service's own code is told of a saga. */
export interface Told<TInput = unknown, TResults = Results> {
  readonly input: TInput;
  readonly results: TResults;
}

/** What a step works with. Commands called through `calls` carry keys that are derived from the step's own. */
export interface StepContext<TInput, TResults, TCalls extends Contracts> extends Told<TInput, TResults> {
  readonly sagaId: string;
  readonly calls: Clients<TCalls>;
  /** Aborts when the step's time is up or this process lost the saga. */
  readonly signal: AbortSignal;
  /** For effects outside Flotilla: the same in all attempts, until a command called through `calls` was refused for good. */
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
  commit?: (output: TOutput, unit: TUnit, context: Told<TInput, TResults>) => unknown;
  /** Undoes the work. It must accept that the work never happened, because a step that timed out is undone as well. */
  compensate?: (context: StepContext<TInput, Partial<TResults & Results>, TCalls>) => Promise<unknown>;
  /** Writes to this service's own database, in the very transaction that journals a successful compensation. */
  undone?: (unit: TUnit, context: Told<TInput, Partial<TResults & Results>>) => unknown;
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
  readonly commit: ((output: unknown, unit: Unit, context: Told) => unknown) | undefined;
  readonly compensate: ((context: StepContext<unknown, Results, Contracts>) => Promise<unknown>) | undefined;
  readonly undone: ((unit: Unit, context: Told) => unknown) | undefined;
  readonly check: ((context: StepContext<unknown, Results, Contracts>) => Promise<unknown>) | undefined;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly compensations: number;
  readonly pivot: boolean;
}
