/** An event to append. */
export interface NewEvent {
  readonly type: string;
  /** Version of the data's schema. */
  readonly schemaVersion: number;
  /** Unique for ever; the inbox of each subscriber recognises a repeat by it. */
  readonly id: string;
  readonly data: unknown;
  readonly meta: EventMeta;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

export interface EventMeta {
  readonly correlationId: string;
  /** Id of the event, call or saga that led to this one. */
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly actor?: string | undefined;
  /** Events of one key reach each subscriber in order; the stream name where the event has one. */
  readonly key?: string | undefined;
}

/** An event as the log keeps it. */
export interface StoredEvent extends NewEvent {
  /** Place in the service's log: rises with commit order, may have gaps. */
  readonly position: number;
  /** The aggregate it belongs to, and its place there from 1; both undefined for an event that was only emitted. */
  readonly stream: string | undefined;
  readonly version: number | undefined;
}

export interface Append {
  readonly stream?: string | undefined;
  /** The version the stream must have now; 0 for a stream that must not exist yet. Undefined appends whatever the version is. */
  readonly expectedVersion?: number | undefined;
  readonly events: readonly NewEvent[];
}

/** Reading the log. A reader never sees an event before every event with a lower position is visible. */
export interface EventReader {
  /** Events after a position, in order. `types` keeps only those types. */
  read(options: { after: number; limit: number; types?: readonly string[] | undefined }): Promise<StoredEvent[]>;
  /** One stream in order, after the given version. */
  readStream(stream: string, afterVersion?: number): Promise<StoredEvent[]>;
  /** The highest position that readers may have seen; 0 for an empty log. */
  head(): Promise<number>;
}

/** Writing the log, inside a transaction only. */
export interface EventWriter extends Pick<EventReader, 'readStream'> {
  /** Appends in order. Throws `VERSION_CONFLICT` (kind conflict, retryable) when the stream is not at the expected version. */
  append(append: Append): Promise<{ lastPosition: number; version: number | undefined }>;
}
