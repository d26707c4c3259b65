/**
 * A named message to one saga: an event it waits for, a person's decision, the end of a child. Sagas are addressed by kind and
 * business key, so that a signal may come before its saga does.
 */
export interface SagaSignal {
  /** Unique per kind, key and name: the second one with the same id changes nothing. */
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly name: string;
  readonly data: unknown;
  readonly at: number;
  /** How long it is kept for a saga that does not exist; wall-clock milliseconds of the store. */
  readonly expiresAt: number;
}

/**
 * What became of a signal: `delivered` to a saga that waits for it and is due now; `kept` for when the saga appears, or comes to
 * wait for it; `ended`: the saga is over, and nothing was kept.
 */
export type SignalOutcome = 'delivered' | 'kept' | 'ended';
