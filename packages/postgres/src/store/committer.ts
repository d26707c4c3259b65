import { setImmediate as nextTurn } from 'node:timers/promises';
import { isFlotillaError } from 'flotilla/kernel';
import type { Committed, Transaction } from 'flotilla/store';
import type { Channel } from './channel.ts';
import type { Connection } from './connection.ts';
import { commitUnknown, isDisconnection, isOutage, isOutOfRoom, unavailable } from './failure.ts';
import type { Merge } from './merge.ts';
import type { Answer } from './statement.ts';
import type { Touched } from './touched.ts';
import { closed } from './units.ts';
import { type AnyMerge, type Part, type Waiting, WriteQueue } from './write-queue.ts';

/** Bounds how long the first write of a transaction waits for the last. */
const MOST_WRITES = 256;
/** Fewer than this are not divided between lanes: a commit costs as much as so many writes. */
const WORTH_A_COMMIT = 16;

type Batch = readonly Part[];

export interface CommitterOptions {
  readonly service: string;
  /** One transaction is under way on each at most. */
  readonly lanes: readonly Channel[];
  readonly unit: <TResult>(work: (tx: Transaction) => Promise<TResult>) => Promise<TResult>;
  readonly onCommit: (committed: Committed) => void;
}

/**
 * Small writes of the engine that no unit holds together. All that came while the lanes were busy go as one transaction, a
 * statement for each kind, so many of them cost one round trip and one fsync. Each still succeeds or fails by itself.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #queues = new Map<AnyMerge, WriteQueue>();
  readonly #idle: Channel[];
  readonly #running = new Set<Promise<void>>();
  #starting = false;
  #closed = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#idle = [...options.lanes];
  }

  submit<TItem, TResult, TRow>(merge: Merge<TItem, TResult, TRow>, item: TItem): Promise<TResult> {
    if (this.#closed) return Promise.reject(closed(this.#options.service));
    return new Promise<unknown>((resolve, reject) => {
      // The queue of a merge holds only what was submitted for it.
      const key = merge as unknown as AnyMerge;
      let queue = this.#queues.get(key);
      if (!queue) this.#queues.set(key, (queue = new WriteQueue(key)));
      queue.add({ item, resolve, reject });
      void this.#startSoon();
    }) as Promise<TResult>;
  }

  /** Refuses new writes, then waits for those that were taken. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running.size > 0 || this.#starting) {
      await Promise.all(this.#running);
      await nextTurn();
    }
  }

  /** Whatever this turn of the event loop still has in store joins the same transaction. */
  async #startSoon(): Promise<void> {
    if (this.#starting || this.#idle.length === 0) return;
    this.#starting = true;
    await nextTurn();
    this.#starting = false;
    this.#start();
  }

  #start(): void {
    while (this.#idle.length > 0) {
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      this.#startOn(this.#idle.pop()!, batch);
    }
  }

  #startOn(lane: Channel, batch: Batch): void {
    const running = this.#run(lane, batch).finally(() => {
      this.#running.delete(running);
      this.#idle.push(lane);
      for (const { done } of batch) done();
      if (this.#waiting > 0) void this.#startSoon();
    });
    this.#running.add(running);
  }

  /** Its share of what waits, so that the server works on one part while this process sees to another. */
  #takeBatch(): Batch {
    const share = Math.max(WORTH_A_COMMIT, Math.ceil(this.#waiting / this.#idle.length));
    let room = Math.min(MOST_WRITES, share);
    const batch = [];
    for (const queue of this.#queues.values()) {
      const part = queue.take(room);
      room -= part.waiting.length;
      if (part.waiting.length > 0) batch.push(part);
    }
    return batch;
  }

  get #waiting(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async #run(lane: Channel, batch: Batch): Promise<void> {
    const { service } = this.#options;
    let connection: Connection;
    try {
      connection = await lane.connection();
    } catch (error) {
      return this.#rejectAll(batch, isFlotillaError(error) ? error : unavailable(service, error));
    }
    try {
      const answers = await write(connection, batch);
      this.#settle(batch, answers);
    } catch (error) {
      if (isOutOfRoom(error)) return this.#rejectAll(batch, unavailable(service, error));
      if (isDisconnection(error) || isOutage(error)) return this.#rejectAll(batch, commitUnknown(service, error));
      // One of them was refused and nothing was kept: each gets its own answer.
      for (const { merge, waiting } of batch) for (const one of waiting) this.#doAlone(merge, one);
    }
  }

  #settle(batch: Batch, answers: readonly unknown[][]): void {
    const touched: Touched = { events: false, sagas: false };
    for (const [index, { merge, waiting }] of batch.entries()) {
      const items = waiting.map(({ item }) => item);
      const results = merge.results(items, answers[index]!);
      for (const [place, one] of waiting.entries()) {
        const result = results[place];
        if (result === undefined) this.#doAlone(merge, one);
        else {
          merge.touch(one.item, touched);
          one.resolve(result);
        }
      }
    }
    this.#options.onCommit(touched);
  }

  #doAlone(merge: AnyMerge, { item, resolve, reject }: Waiting): void {
    const running = this.#options.unit((tx) => merge.alone(tx, item)).then(resolve, reject);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  #rejectAll(batch: Batch, error: unknown): void {
    for (const { waiting } of batch) for (const { reject } of waiting) reject(error);
  }
}

/** Sends everything at once. A statement that stands alone needs no transaction around it. */
async function write(connection: Connection, batch: Batch): Promise<unknown[][]> {
  const isOne = batch.length === 1;
  const begun = isOne ? undefined : connection.execute('BEGIN');
  const sent = batch.map((part) => send(connection, part));
  const committed = isOne ? undefined : connection.execute('COMMIT');
  const settled = await Promise.allSettled([begun, ...sent, committed]);
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return (await Promise.all(sent)).map(({ rows }) => rows);
}

function send(connection: Connection, { merge, waiting }: Part): Promise<Answer<unknown>> {
  const items = waiting.map(({ item }) => item);
  if (items.length === 1) return connection.query(merge.statementForOne, merge.valuesOfOne(items[0]));
  return connection.query(merge.statement, merge.values(items));
}
