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

export interface Appended {
  /** Of the last event; where the log stands when there was none to append. */
  readonly lastPosition: number;
  /** Where the stream stands now; undefined without a stream. */
  readonly version: number | undefined;
}

/** The state of an aggregate as it was folded once: a shortcut, never the truth. */
export interface Snapshot {
  readonly stream: string;
  /** The last event that is in it. */
  readonly version: number;
  /** Tells the code that folded it; other code must not use it. */
  readonly foldHash: string;
  readonly data: unknown;
  readonly at: number;
}

/** A stream as an aggregate is loaded from it. */
export interface StreamState {
  /** Of the stream itself, whatever the snapshot says. */
  readonly version: number;
  readonly snapshot: Snapshot | undefined;
  /** After the snapshot, or all. */
  readonly events: readonly StoredEvent[];
}

/** Versions of a stream. */
export interface StreamRange {
  readonly after?: number | undefined;
  /** With this one. */
  readonly upTo?: number | undefined;
  readonly limit?: number | undefined;
}

export interface ReadOptions {
  readonly after: number;
  readonly limit: number;
  /** Keeps only events of these types. */
  readonly types?: readonly string[] | undefined;
  /** Keeps only events of streams whose names begin so: `order:` for a whole category. */
  readonly streamPrefix?: string | undefined;
}

/** Reading the log. A reader never sees an event before every event with a lower position is visible. */
export interface EventReader {
  /** Events after a position, in order. It walks the log: what is left out costs time too. */
  read(options: ReadOptions): Promise<StoredEvent[]>;
  /** One stream in order. */
  readStream(stream: string, range?: StreamRange): Promise<StoredEvent[]>;
  /** A stream from its snapshot on, if one of this fold is there; one that is ahead of its stream is passed over. */
  readFromSnapshot(stream: string, foldHash: string): Promise<StreamState>;
  /** What one request led to, in the order of the log. */
  readCorrelated(correlationId: string, options: { after: number; limit: number }): Promise<StoredEvent[]>;
  /** The highest position that readers may have seen; 0 for an empty log. */
  head(): Promise<number>;
  /** The highest position ever given to an event, seen or not. A cursor beyond it belongs to another log: a backup was restored. */
  end(): Promise<number>;
}

/** Writing the log, inside a transaction. In a unit that is `exclusive`, `read` sees the whole log; in others, what `head` lets it see. */
export interface EventWriter extends Pick<EventReader, 'read' | 'readStream' | 'readFromSnapshot'> {
  /** Appends in order. Throws `VERSION_CONFLICT` (kind conflict, retryable) when the stream is not at the expected version. */
  append(append: Append): Promise<Appended>;
}

/** The log outside a transaction. */
export interface EventStore extends EventReader {
  /** Appends as a unit of its own. Many that wait share a commit; one that is refused does not touch its neighbours. */
  append(append: Append): Promise<Appended>;
  /** Keeps a snapshot in place of the stream's earlier one. One of the same fold never gives way to an older one. */
  keepSnapshot(snapshot: Snapshot): Promise<void>;
}
