import type { Kysely } from 'kysely';
import type { Clients } from '../client/index.ts';
import type { Contract, Events } from '../contract/index.ts';
import type { Lead } from '../discovery/index.ts';
import type { Load } from '../log/index.ts';
import type { BaseContext, TransactionContext } from './context.ts';

/** What the work of a leader may do, for as long as its service leads: wait, ask others, and write one transaction after the other. */
export interface LeadContext<TTables, TEvents extends Events, TCalls extends Record<string, Contract>, TConfig>
  extends BaseContext<TConfig>, Pick<Lead, 'fence' | 'pause'> {
  /** Read-only. */
  readonly db: Kysely<TTables>;
  readonly calls: Clients<TCalls>;
  readonly load: Load;
  /**
   * One transaction, like that of a command. It commits only while this term lasts; rejects with `LEADERSHIP_LOST` when somebody
   * else leads.
   */
  transact<TResult>(
    work: (context: TransactionContext<TTables, TEvents, TConfig>) => TResult | Promise<TResult>,
  ): Promise<TResult>;
}
