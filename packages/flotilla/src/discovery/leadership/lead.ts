import type { Duration } from '../../kernel/index.ts';
import type { LeaseProof, Transaction, TransactOptions } from '../../store/index.ts';

/** A term of office, for as long as it lasts. */
export interface Lead<TTables = unknown> {
  /** Greater than that of everybody who led before. Give it to whatever is outside the store, to refuse lower ones. */
  readonly fence: number;
  readonly proof: LeaseProof;
  /** Aborts when the process stops, or when the lead may be lost: some seconds before anybody else can have it. */
  readonly signal: AbortSignal;
  /**
   * Runs a unit that commits only while this term lasts: the fence is tested in the same transaction. Rejects with
   * `LEADERSHIP_LOST` when somebody else has taken over, whatever the clocks say.
   */
  transact<TResult>(work: (tx: Transaction<TTables>) => TResult | Promise<TResult>, options?: TransactOptions): Promise<TResult>;
  /** Waits. Rejects when the signal aborts, which ends work that lets it pass. */
  pause(duration: Duration): Promise<void>;
}
