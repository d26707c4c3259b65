export type SagaStatus = 'ready' | 'running' | 'waiting' | 'compensating' | 'stuck' | 'done' | 'compensated';
export type SagaPhase = 'forward' | 'backward';
export type StepDirection = 'run' | 'compensate';
/**
 * What is known of an attempt: `started` only, or how it ended; `unknown` means the effect may or may not have happened. An
 * operator leaves `skipped` (count the step as done) or `retried` (count its tries afresh).
 */
export type StepStatus = 'started' | 'ok' | 'failed' | 'unknown' | 'skipped' | 'retried';

export interface NewSaga {
  readonly id: string;
  readonly kind: string;
  readonly definitionVersion: string;
  /** Business key: one saga per kind and key. */
  readonly key: string;
  readonly input: unknown;
  readonly meta: unknown;
  readonly at: number;
}

export interface SagaRow extends NewSaga {
  readonly status: SagaStatus;
  readonly phase: SagaPhase;
  /** When it wants to go on; wall-clock milliseconds of the store. */
  readonly wakeAt: number;
  readonly owner: string | undefined;
  /** Rises with every claim; writes with a lower one are refused. */
  readonly fence: number;
  readonly leaseUntil: number;
  /** Why it turned back or got stuck. */
  readonly reason: string | undefined;
  readonly updatedAt: number;
}

/** One line of the insert-only journal. Key: saga, step, direction, attempt, status. */
export interface JournalEntry {
  readonly step: string;
  readonly direction: StepDirection;
  /** From 1. */
  readonly attempt: number;
  readonly status: StepStatus;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly at: number;
}

/** A step forward for one saga: journal lines and the row's new state, written together or not at all. */
export interface SagaAdvance {
  readonly id: string;
  readonly fence: number;
  readonly entries: readonly JournalEntry[];
  readonly set: Partial<Pick<SagaRow, 'status' | 'phase' | 'wakeAt' | 'reason'>>;
  /** Give the claim back (to wait, or because the saga ended). */
  readonly release?: boolean;
  readonly at: number;
}

/** A claimed saga and everything needed to go on with it. */
export interface ClaimedSaga {
  readonly saga: SagaRow;
  readonly journal: readonly JournalEntry[];
}

/** Sagas outside a transaction. */
export interface SagaStore {
  /**
   * Takes up to `limit` sagas that are due or whose lease expired, raising each one's fence: recovery after a crash is this
   * ordinary claim. The lease runs on the store's clock.
   */
  claim(options: { owner: string; kinds: readonly string[]; limit: number; leaseMs: number }): Promise<ClaimedSaga[]>;
  /** Writes if the fence still stands; false means another owner has the saga and the result must be dropped. */
  advance(advance: SagaAdvance): Promise<boolean>;
  /** Renews the leases this owner still holds (owner and fence are tested); returns the ids renewed. */
  renew(owner: string, held: readonly { id: string; fence: number }[], leaseMs: number): Promise<string[]>;
  find(id: string): Promise<{ saga: SagaRow; journal: JournalEntry[] } | undefined>;
  list(options: { kind?: string | undefined; status?: SagaStatus | undefined; limit: number }): Promise<SagaRow[]>;
  /** When the next waiting saga of these kinds is due or the next lease expires; undefined when there is none. */
  nextWake(kinds: readonly string[]): Promise<number | undefined>;
}

/** Sagas inside a transaction. */
export interface SagaWriter {
  /** Inserts a saga that is ready at once. Returns the id that stands for this kind and key: an earlier saga's if there is one. */
  insert(saga: NewSaga): Promise<string>;
  advance(advance: SagaAdvance): Promise<boolean>;
  /** An operator's act on a stuck saga. Raises the fence; false when the saga is not stuck (any more). */
  repair(repair: { id: string; entries: readonly JournalEntry[]; set: SagaAdvance['set']; at: number }): Promise<boolean>;
}
