import type { Caller, Identity } from '../security/index.ts';
import type { TraceContext } from '../telemetry/index.ts';

/** What travels with every call, whatever carries it. */
export interface CallMetadata {
  /** The end user, unchanged along the whole chain. */
  readonly identity: Identity;
  /** The direct neighbour that makes this call. */
  readonly caller: Caller;
  readonly trace: TraceContext;
  /** Ties all work of one outside request together in logs and events. */
  readonly correlationId: string;
  /** Milliseconds left until nobody wants the answer any more; relative, because clocks of machines differ. */
  readonly remainingMs: number;
  /** Makes a command safe to repeat. */
  readonly idempotencyKey?: string | undefined;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** One call of one operation. The input is plain JSON data. */
export interface Call {
  readonly service: string;
  /** An operation of the contract, or a system operation starting with `$`. */
  readonly operation: string;
  readonly input: unknown;
  readonly metadata: CallMetadata;
  /** Base URL of the process to ask, where the caller has chosen one among several; it does not travel. */
  readonly endpoint?: string | undefined;
  /**
   * The caller ends the call itself when its time is up or it leaves, and its signal is made for this call alone. A transport
   * need not do that again; it only tells the far side when the signal aborts.
   */
  readonly bounded?: boolean | undefined;
}

/** Answers calls: a service host does, and a transport does on behalf of a host that is elsewhere. Rejects with a `FlotillaError`. */
export type CallHandler = (call: Call, signal: AbortSignal) => Promise<unknown>;

/**
 * Answers a call with items. Resolves when the call is accepted, before there is any item; rejects when it is not. Items come as
 * fast as they are read. The signal ends it at any time, also between items.
 */
export type ItemsHandler = (call: Call, signal: AbortSignal) => Promise<AsyncIterable<unknown>>;

/**
 * Carries calls to services. Every transport behaves alike, which `testing/transport-suite.ts` proves:
 * - the far side shares no object with the caller; input and output arrive as JSON would carry them;
 * - an error arrives with its code, kind, retryable and details; an undeclared one arrives opaque, as `INTERNAL`;
 * - aborting the signal rejects at once and aborts the signal of the handler on the far side;
 * - the deadline reaches the far side as the time that is left;
 * - a service nobody listens for rejects with `UNAVAILABLE`, of which the caller may be sure that nothing was done
 *   only when `details.sent` is false;
 * - items arrive in their order and each as a copy, and the far side is never far ahead of its reader; leaving the loop, aborting
 *   and the deadline, which is that of the whole, end its work.
 */
export interface Transport extends AsyncDisposable {
  readonly call: CallHandler;
  /** Rejects with `NO_STREAM` where the other process speaks plain HTTP only. */
  readonly subscribe: ItemsHandler;
}
