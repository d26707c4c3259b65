import type { Clock } from 'flotilla/kernel';
import type { Logger } from 'flotilla/telemetry';
import { LOCK_CLASS, LOG_FENCE } from './schema.ts';
import { type Queries, statement } from './statement.ts';

const LOOK_AGAIN_MS = 5;
const LONGEST_LOOK_MS = 250;
const HELD_LONG_MS = 5_000;

interface Holder {
  holder: string;
  pid: number;
}

const lastPosition = statement<{ last: number }>(
  'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM flotilla_positions',
);
const fenceHolders = statement<Holder>(
  `SELECT virtualtransaction AS holder, pid FROM pg_locks
     WHERE locktype = 'advisory' AND classid = ${LOCK_CLASS} AND objid = ${LOG_FENCE} AND objsubid = 2
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
);
export const HIGHEST = statement<{ highest: number }>('SELECT coalesce(max(position), 0) AS highest FROM flotilla_events');
const sessions = statement<{ session: string }>(
  `SELECT format('%s (%s, %s since %s)', pid, application_name, state, xact_start) AS session
     FROM pg_stat_activity WHERE pid = ANY ($1)`,
);

export interface HeadOptions {
  /** Answers in the order it was asked. */
  readonly db: Queries;
  readonly clock: Clock;
  readonly log: Logger;
  readonly service: string;
  /** Called when the head was seen to move without anybody asking. */
  readonly onMove: () => void;
}

/** Positions up to `last` were taken; while one of the holders is there, one of them may yet become visible. */
interface Pending {
  readonly last: number;
  readonly holders: readonly string[];
  readonly since: number;
  warned: boolean;
}

/**
 * How far the log can be read without passing over an event that is still to be committed. Every append takes the fence, a
 * shared lock, before it takes a position, and keeps it until its commit is visible. So: look which position was taken last,
 * then who holds the fence; once all of those have let go, every position up to that one is committed or void for ever.
 */
export class Head implements Disposable {
  readonly #options: HeadOptions;
  #known = 0;
  #fenced = 0;
  #pending: Pending | undefined;
  #looking: Promise<number> | undefined;
  #next: Promise<number> | undefined;
  #timer: Disposable | undefined;
  #closed = false;

  constructor(options: HeadOptions) {
    this.#options = options;
  }

  /** What was found last; everything up to here may be read. */
  get known(): number {
    return this.#known;
  }

  /** Looks anew. Callers that come while a look is under way share the next one, which sees whatever they saw. */
  refresh(): Promise<number> {
    if (!this.#looking) return this.#start();
    this.#next ??= this.#looking
      .catch(() => 0)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  /** The last position that was ever given. */
  async end(): Promise<number> {
    return (await this.#options.db.query(lastPosition)).rows[0]!.last;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
  }

  #start(): Promise<number> {
    const looking = this.#look().finally(() => {
      if (this.#looking === looking) this.#looking = undefined;
    });
    this.#looking = looking;
    return looking;
  }

  async #look(): Promise<number> {
    const { db, clock } = this.#options;
    const askedAt = clock.monotonic();
    // Sent together and answered one after another: each statement sees what is there when its turn comes.
    const [end, holders, top] = await Promise.all([db.query(lastPosition), db.query(fenceHolders), db.query(HIGHEST)]);
    const last = end.rows[0]!.last;
    const present = new Set(holders.rows.map(({ holder }) => holder));
    const pending = this.#pending;
    if (pending && !pending.holders.some((holder) => present.has(holder))) this.#resolve(pending.last);
    if (present.size === 0) this.#resolve(last);
    else this.#pending ??= { last, holders: [...present], since: askedAt, warned: false };
    this.#known = Math.max(this.#known, Math.min(this.#fenced, top.rows[0]!.highest));
    if (this.#pending) this.#watch(this.#pending, holders.rows);
    return this.#known;
  }

  #resolve(last: number): void {
    this.#fenced = Math.max(this.#fenced, last);
    this.#pending = undefined;
  }

  /** Nobody may tell when the last holder lets go (it may roll back), so the look is repeated. */
  #watch(pending: Pending, holders: readonly Holder[]): void {
    const { clock } = this.#options;
    const heldMs = clock.monotonic() - pending.since;
    if (heldMs >= HELD_LONG_MS && !pending.warned) {
      pending.warned = true;
      void this.#warn(holders.filter(({ holder }) => pending.holders.includes(holder))).catch(() => undefined);
    }
    if (this.#timer || this.#closed) return;
    this.#timer = clock.timer(Math.min(LONGEST_LOOK_MS, Math.max(LOOK_AGAIN_MS, heldMs)), () => {
      this.#timer = undefined;
      const before = this.#known;
      this.refresh().then(
        (head) => head > before && this.#options.onMove(),
        () => undefined,
      );
    });
  }

  async #warn(holders: readonly Holder[]): Promise<void> {
    const { db, log, service } = this.#options;
    const { rows } = await db.query(sessions, [holders.map(({ pid }) => pid)]);
    const held = { service, sessions: rows.map(({ session }) => session) };
    log.warn(held, 'an append has been open for a long time; nobody can read the log beyond it until it ends');
  }
}
