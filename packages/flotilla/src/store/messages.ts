/** A reply that was given to an idempotency key. */
export interface StoredReply {
  /** Hash of the input the key was first used with. */
  readonly requestHash: string;
  readonly reply: unknown;
}

/** Idempotency records: they commit with the command whose reply they keep. */
export interface IdempotencyTable {
  find(scope: string, key: string): Promise<StoredReply | undefined>;
  insert(record: { scope: string; key: string; requestHash: string; reply: unknown; at: number }): Promise<void>;
  /** Forgets at most `limit` records older than the given time; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}

/** A message set aside because its handler kept failing; later messages of its key wait behind it. */
export interface ParkedMessage {
  readonly consumer: string;
  readonly messageId: string;
  readonly key: string | undefined;
  readonly envelope: unknown;
  readonly error: string;
  readonly at: number;
}

/** What each subscriber has already handled. */
export interface InboxTable {
  /** Records the message and returns true, or false when it was recorded before. It is the first write of a handler's transaction. */
  insert(consumer: string, messageId: string, at: number): Promise<boolean>;
  park(message: ParkedMessage): Promise<void>;
  /** True while an earlier message of this key is parked. */
  isBlocked(consumer: string, key: string): Promise<boolean>;
  parked(limit: number): Promise<ParkedMessage[]>;
  unpark(consumer: string, messageId: string): Promise<void>;
  prune(before: number, limit: number): Promise<number>;
}

/** How far a relay or projection has come. */
export interface CursorTable {
  /** The stored position; 0 for a name never seen. */
  position(name: string): Promise<number>;
  /**
   * Moves the cursor, on condition that it stands at `from` and, when a lease is given, that the lease is still held with
   * this fence. Returns false when not: the caller then drops its work by throwing.
   */
  advance(move: { name: string; from: number; to: number; lease?: LeaseProof | undefined }): Promise<boolean>;
  /** Forgets a cursor that nobody will move again. */
  remove(name: string): Promise<void>;
}

/** Proof that one owner holds a lease; the fence rises with each change of owner. */
export interface LeaseProof {
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
}

/** Named leases on the store's own clock. */
export interface LeaseTable {
  /** Takes a free or expired lease, or renews one's own; undefined while somebody else holds it. */
  acquire(name: string, owner: string, ttlMs: number): Promise<LeaseProof | undefined>;
  /**
   * True when nobody has taken the lease since, and nobody will before this unit ends: what a unit writes after that, it writes
   * as the holder. A lease that ran out and that nobody wanted is still held.
   */
  holds(proof: LeaseProof): Promise<boolean>;
  /** Lets go, if still held with this fence. */
  release(proof: LeaseProof): Promise<void>;
}
