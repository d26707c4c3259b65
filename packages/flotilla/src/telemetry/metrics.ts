import type { Clock, ErrorKind } from '../kernel/index.ts';
import { add, count, createHistogram, cumulative, type Histogram, quantile } from './histogram.ts';

/** How a call ended: well, or with an error of this kind. */
export type CallOutcome = 'ok' | ErrorKind;

/** How often an operation was called, how it went, and how long it took. */
export interface OperationMetrics {
  readonly operation: string;
  /** Since the start. */
  readonly calls: number;
  /** Calls since the start that failed through no fault of the caller. */
  readonly errors: number;
  /** Over the last ten seconds, as are all that follow. */
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls by outcome, their lengths, and the sum of those; since the start. */
  readonly outcomes: Readonly<Partial<Record<CallOutcome, number>>>;
  readonly lengths: readonly { readonly leMs: number; readonly count: number }[];
  readonly totalMs: number;
}

/** Counts calls. One for each service; operations appear with their first call. */
export interface Metrics {
  /** A call that began at this monotonic time has ended. Costs a look at the clock, a lookup and a few additions. */
  record(operation: string, begunAt: number, outcome: CallOutcome): void;
  /** What was counted so far, by name of operation. */
  snapshot(): readonly OperationMetrics[];
}

const WINDOW_MS = 10_000;
const FAULTS: ReadonlySet<CallOutcome> = new Set<CallOutcome>(['unavailable', 'timeout', 'exhausted', 'internal']);

export function createMetrics({ clock }: { clock: Pick<Clock, 'monotonic'> }): Metrics {
  const startedAt = clock.monotonic();
  const tallies = new Map<string, Tally>();
  return {
    record: (operation, begunAt, outcome) => {
      const now = clock.monotonic();
      let tally = tallies.get(operation);
      if (!tally) tallies.set(operation, (tally = new Tally(startedAt)));
      tally.record(now, now - begunAt, outcome);
    },
    snapshot: () => {
      const now = clock.monotonic();
      const names = [...tallies.keys()].sort();
      return names.map((operation) => ({ operation, ...tallies.get(operation)!.snapshot(now) }));
    },
  };
}

/** What happened within ten seconds. */
interface Window {
  readonly lengths: Histogram;
  calls: number;
  errors: number;
}

const emptyWindow = (): Window => ({ lengths: createHistogram(), calls: 0, errors: 0 });

/**
 * The counts of one operation. The present window and the one before it stand for the last ten seconds: as much of the former
 * one counts as the present one lacks.
 */
class Tally {
  readonly #startedAt: number;
  #current = emptyWindow();
  #previous = emptyWindow();
  /** When the present window began. */
  #since: number;
  /** Lengths in all windows before these two. */
  readonly #past = createHistogram();
  readonly #outcomes = new Map<CallOutcome, number>();
  #totalMs = 0;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
    this.#since = startedAt;
  }

  record(now: number, ms: number, outcome: CallOutcome): void {
    this.#turn(now);
    const window = this.#current;
    count(window.lengths, ms);
    window.calls += 1;
    if (FAULTS.has(outcome)) window.errors += 1;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    this.#totalMs += ms;
  }

  snapshot(now: number): Omit<OperationMetrics, 'operation'> {
    this.#turn(now);
    const [current, previous] = [this.#current, this.#previous];
    const lacking = 1 - (now - this.#since) / WINDOW_MS;
    const seconds = Math.max(1, Math.min(WINDOW_MS, now - this.#startedAt)) / 1_000;
    const recent = createHistogram();
    add(recent, current.lengths);
    add(recent, previous.lengths, lacking);
    const lengths = createHistogram();
    for (const part of [this.#past, previous.lengths, current.lengths]) add(lengths, part);
    const counts = [...this.#outcomes];
    return {
      calls: counts.reduce((sum, [, calls]) => sum + calls, 0),
      errors: counts.reduce((sum, [outcome, calls]) => sum + (FAULTS.has(outcome) ? calls : 0), 0),
      callsPerSecond: (current.calls + previous.calls * lacking) / seconds,
      errorsPerSecond: (current.errors + previous.errors * lacking) / seconds,
      p50Ms: quantile(recent, 0.5),
      p99Ms: quantile(recent, 0.99),
      outcomes: Object.fromEntries(counts),
      lengths: cumulative(lengths),
      totalMs: this.#totalMs,
    };
  }

  /** Lets windows pass that are over. Nothing runs for it: time is looked at when there is something to count or to tell. */
  #turn(now: number): void {
    const passed = Math.floor((now - this.#since) / WINDOW_MS);
    if (passed === 0) return;
    this.#since += passed * WINDOW_MS;
    add(this.#past, this.#previous.lengths);
    const emptied = this.#previous;
    this.#previous = this.#current;
    this.#current = clear(emptied);
    if (passed === 1) return;
    add(this.#past, this.#previous.lengths);
    clear(this.#previous);
  }
}

function clear(window: Window): Window {
  window.lengths.fill(0);
  window.calls = 0;
  window.errors = 0;
  return window;
}
