/** A published event on its way, in the JSON format of CloudEvents 1.0 with its registered extensions. */
export interface EventMessage<TData = unknown> {
  readonly specversion: '1.0';
  /** Unique for ever; the inbox drops repeats by it. */
  readonly id: string;
  /** The publishing service: `/orders`. */
  readonly source: string;
  /** `orders.OrderConfirmed`. */
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  /** Schema version of the data, as `1`. */
  readonly dataschemaversion: number;
  readonly data: TData;
  /** Position in the publisher's log, decimal. */
  readonly sequence: string;
  /** Messages of one key arrive in order. */
  readonly partitionkey?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly correlationid: string;
  readonly causationid?: string | undefined;
}
