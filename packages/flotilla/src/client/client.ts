import type { Contract, Failure, Operation, OperationInput, OperationOutput, OperationSpec } from '../contract/index.ts';
import type { Duration } from '../kernel/index.ts';

export interface CallOptions {
  /** Total time for this call with all its attempts; never more than what is left for the caller. */
  timeout?: Duration;
  signal?: AbortSignal;
  /** Names this piece of work: a command repeated with the same key happens once. Generated when absent. */
  idempotencyKey?: string;
}

/** The timeout is for the stream as a whole, from asking to its end; none unless said. */
export type StreamOptions = Omit<CallOptions, 'idempotencyKey'>;

/** A running call. It is an ordinary promise; its type remembers the declared errors for `attempt`. */
export interface Calling<TOutput, TFailure> extends Promise<TOutput> {
  readonly failure?: TFailure;
}

/**
 * What a stream tells, for whoever reads it: `for await`. It is asked for when reading begins, once, and ended by leaving the loop;
 * `return` of its iterator ends it also while an item is awaited.
 */
export interface Telling<TItem, TFailure> extends AsyncIterableIterator<TItem, void> {
  readonly failure?: TFailure;
}

type SpecOf<TOperation> = TOperation extends Operation<infer TSpec extends OperationSpec> ? TSpec : never;

type Method<TOperation extends Operation> =
  undefined extends OperationInput<TOperation>
    ? (
        input?: OperationInput<TOperation>,
        options?: CallOptions,
      ) => Calling<OperationOutput<TOperation>, Failure<SpecOf<TOperation>>>
    : (
        input: OperationInput<TOperation>,
        options?: CallOptions,
      ) => Calling<OperationOutput<TOperation>, Failure<SpecOf<TOperation>>>;

type StreamMethod<TOperation extends Operation> =
  undefined extends OperationInput<TOperation>
    ? (
        input?: OperationInput<TOperation>,
        options?: StreamOptions,
      ) => Telling<OperationOutput<TOperation>, Failure<SpecOf<TOperation>>>
    : (
        input: OperationInput<TOperation>,
        options?: StreamOptions,
      ) => Telling<OperationOutput<TOperation>, Failure<SpecOf<TOperation>>>;

/** One function per operation of a contract. Failures reject with a `FlotillaError`. */
export type Client<TContract extends Contract> = {
  readonly [TKey in keyof TContract['queries']]: Method<TContract['queries'][TKey]>;
} & {
  readonly [TKey in keyof TContract['commands']]: Method<TContract['commands'][TKey]>;
} & StreamMethods<TContract['streams']>;

/** Of contracts in general nobody knows which names are streams. */
type StreamMethods<TStreams extends Contract['streams']> = string extends keyof TStreams
  ? unknown
  : { readonly [TKey in keyof TStreams]: StreamMethod<TStreams[TKey]> };

/** The services one may call, by the name the caller gave them. */
export type Clients<TContracts extends Record<string, Contract>> = {
  readonly [TKey in keyof TContracts]: Client<TContracts[TKey]>;
};
