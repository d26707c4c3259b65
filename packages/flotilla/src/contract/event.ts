import type { OutputOf, Schema } from './schema.ts';

export interface EventSpec {
  /** Schema version of the data, a whole number from 1. */
  version: number;
  schema: Schema;
}

/** A published event of a contract; pass it to `subscribe`. */
export interface EventType<TSpec extends EventSpec = EventSpec> {
  readonly service: string;
  readonly name: string;
  /** `service.Name`, unique in a system. */
  readonly id: string;
  readonly version: number;
  readonly schema: TSpec['schema'];
}

export type EventData<TEvent extends EventType> = OutputOf<TEvent['schema']>;
