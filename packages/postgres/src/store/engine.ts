import type { FlotillaError } from 'flotilla/kernel';
import type { Channel } from './channel.ts';
import { isDisconnection, isOutage, unavailable } from './failure.ts';
import type { Answer, Queries, Statement } from './statement.ts';

export interface EngineOptions {
  readonly service: string;
  readonly channel: Channel;
  /** Why nothing is answered any more; undefined while the store is open. */
  readonly closed: () => FlotillaError | undefined;
}

/** Statements of the engine outside units, which end with the store and speak of an outage as the store does. */
export class Engine implements Queries {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async query<TRow>(statement: Statement<TRow>, values?: readonly unknown[]): Promise<Answer<TRow>> {
    const { service, channel, closed } = this.#options;
    const refusal = closed();
    if (refusal) throw refusal;
    try {
      return await channel.query(statement, values);
    } catch (error) {
      throw isDisconnection(error) || isOutage(error) ? unavailable(service, error) : error;
    }
  }
}
