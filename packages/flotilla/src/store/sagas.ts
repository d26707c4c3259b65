import type { JournalEntry } from './saga-journal.ts';
import type { SagaSignal, SignalOutcome } from './saga-signals.ts';

/** In `done`, `compensated` and `cancelled` a saga has ended; there and when `stuck` nobody keeps a claim on it. */
export type SagaStatus = 'ready' | 'running' | 'waiting' | 'compensating' | 'stuck' | 'done' | 'compensated' | 'cancelled';
export type SagaPhase = 'forward' | 'backward';

/** The saga that started this one and waits for its end. */
export interface ParentSaga {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly step: string;
}

interface SagaOrigin {
  readonly id: string;
  readonly kind: string;
  readonly definitionVersion: string;
  /** Business key: one saga per kind and key. */
  readonly key: string;
  readonly input: unknown;
  readonly meta: unknown;
  readonly correlationId: string;
  readonly parent?: ParentSaga | undefined;
  readonly at: number;
}

/**
 * A saga is born claimed, at fence 1, by whoever starts it. While its kind or the service is paused it is not: it is ready like
 * any other, without these lines.
 */
export interface BirthClaim {
  readonly owner: string;
  readonly leaseMs: number;
  /** What its owner begins with. */
  readonly entries?: readonly JournalEntry[] | undefined;
}

export interface NewSaga extends SagaOrigin {
  /** What is in the journal from the beginning: what a fork takes over. */
  readonly journal?: readonly JournalEntry[] | undefined;
  readonly claim?: BirthClaim | undefined;
}

export interface SagaRow extends SagaOrigin {
  readonly status: SagaStatus;
  readonly phase: SagaPhase;
  /** When it wants to go on; wall-clock milliseconds of the store. */
  readonly wakeAt: number;
  /** The name of the signal it waits for. */
  readonly awaits: string | undefined;
  /** Held back by an operator: nobody claims it until it is resumed. Ends when the saga does, or gets stuck. */
  readonly paused: boolean;
  readonly owner: string | undefined;
  /** Rises with every claim; writes with a lower one are refused. */
  readonly fence: number;
  readonly leaseUntil: number;
  /** Why it turned back or got stuck. */
  readonly reason: string | undefined;
  /** When anything but the journal changed last. */
  readonly updatedAt: number;
}

/** What an advance or an intervention changes. `awaits` holds only while the saga waits: a change that does not name it clears it. */
export type SagaChange = Partial<Pick<SagaRow, 'status' | 'phase' | 'wakeAt' | 'awaits' | 'reason'>>;

/** Lines for the end of a journal that has `after` lines already; with another number of them the write throws `JOURNAL_CONFLICT`. */
export interface JournalLines {
  readonly after: number;
  readonly entries: readonly JournalEntry[];
}

/** A step forward for one saga: journal lines and the row's new state, written together or not at all. */
export interface SagaAdvance {
  readonly id: string;
  readonly fence: number;
  readonly journal?: JournalLines | undefined;
  /** Most advances have none: then the journal alone grows. With `awaits`, a saga whose signal is here already is due at once. */
  readonly set?: SagaChange | undefined;
  /** Ids of signals that the saga has taken; they are gone. */
  readonly takes?: readonly string[] | undefined;
  /** Give the claim back (to wait, or because the saga ended). */
  readonly release?: boolean;
  readonly at: number;
}

/** An act from outside, whoever holds the claim: it is taken away and the fence rises. */
export interface Intervention {
  readonly id: string;
  readonly journal?: JournalLines | undefined;
  readonly set: SagaChange;
  readonly at: number;
}

/** A saga and everything needed to go on with it. */
export interface ClaimedSaga {
  readonly saga: SagaRow;
  readonly journal: readonly JournalEntry[];
  /** Signals kept for it, oldest first. A claim brings only those that the saga awaits. */
  readonly signals: readonly SagaSignal[];
}

/** The whole service, all sagas of a kind, or one saga. */
export type SagaScope = { readonly service: true } | { readonly kind: string } | { readonly id: string };

/** What operators hold back. */
export interface Pauses {
  readonly service: boolean;
  readonly kinds: readonly string[];
  /** Paused while somebody has them claimed: their owner gives them back before the next step. */
  readonly claimed: readonly string[];
}

export interface InsertedSaga {
  /** The id that stands for this kind and key: an earlier saga's if there is one. */
  readonly id: string;
  /** When the claim it was born with ends, on the clock of the store; undefined when it is not new, or was not born claimed. */
  readonly leaseUntil: number | undefined;
}

/** Sagas outside a unit: each call is a unit of its own, and drivers may let many share one commit. */
export interface SagaStore {
  insert(saga: NewSaga): Promise<InsertedSaga>;
  /**
   * Takes up to `limit` sagas that are due or whose lease expired and that nobody paused, raising each one's fence: recovery
   * after a crash is this ordinary claim. The lease runs on the store's clock: it began at `leaseUntil - leaseMs`.
   */
  claim(options: { owner: string; kinds: readonly string[]; limit: number; leaseMs: number }): Promise<ClaimedSaga[]>;
  /** Writes if the fence still stands; false means another owner has the saga and the result must be dropped. */
  advance(advance: SagaAdvance): Promise<boolean>;
  /** Renews the leases this owner still holds (owner and fence are tested); returns the ids renewed. */
  renew(owner: string, held: readonly { id: string; fence: number }[], leaseMs: number): Promise<string[]>;
  find(id: string): Promise<ClaimedSaga | undefined>;
  list(options: {
    kind?: string | undefined;
    status?: SagaStatus | undefined;
    /** Only those that are paused, or only those that are not. */
    paused?: boolean | undefined;
    correlationId?: string | undefined;
    limit: number;
  }): Promise<SagaRow[]>;
  /** When the next waiting saga of these kinds is due or the next lease expires; undefined when there is none that a claim would take. */
  nextWake(kinds: readonly string[]): Promise<number | undefined>;
  pauses(): Promise<Pauses>;
  /** Kinds, other than these, of which there are sagas that have not ended: nobody goes on with them. */
  strangers(kinds: readonly string[]): Promise<string[]>;
}

/**
 * Sagas inside a unit. What concerns one saga happens in one order: of an advance that begins to wait and a signal that comes
 * at the same moment, or of two sagas that ask for one lock, one sees the other. Nothing that waits is woken for nothing, and
 * nothing that was woken is missed.
 */
export interface SagaWriter {
  /** Inserts a saga, ready at once unless it is born claimed. An earlier saga of this kind and key stays as it is. */
  insert(saga: NewSaga): Promise<InsertedSaga>;
  /** The saga as it is; nobody else changes it before this unit ends. */
  find(id: string): Promise<ClaimedSaga | undefined>;
  advance(advance: SagaAdvance): Promise<boolean>;
  /** False when there is no such saga. Ending a saga gives up its locks, as an advance does. */
  intervene(intervention: Intervention): Promise<boolean>;
  /** Keeps a signal for its saga, and makes the saga due if it waits for one of that name. */
  signal(signal: SagaSignal): Promise<SignalOutcome>;
  /** Forgets at most `limit` signals whose time is over and whose saga never came, or ended without them, and returns them. */
  expireSignals(limit: number): Promise<SagaSignal[]>;
  /** Holds back: from this commit on nobody claims what is in the scope. False when it was paused, ended, stuck or unknown. */
  pause(scope: SagaScope): Promise<boolean>;
  /** The contrary of `pause` for the same scope. What came due meanwhile is due now. False when it was not paused. */
  resume(scope: SagaScope): Promise<boolean>;
  /**
   * Queues the saga for a resource, unless it is queued already; true when it is first and so holds it. It stays queued until it
   * ends; then the next in line is made due if it waits.
   */
  lock(resource: string, saga: string): Promise<boolean>;
}
