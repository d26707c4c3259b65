import { type Clock, FlotillaError } from '../kernel/index.ts';

/** How much a piece of work matters. Health checks are never refused. */
export type Priority = 'low' | 'normal' | 'high' | 'health';

const RANK: Readonly<Record<Priority, number>> = { low: 0, normal: 1, high: 2, health: 3 };

/** Tells how late the event loop runs. */
export interface EventLoopProbe {
  /** The 99th percentile of its delays since it was asked last, in milliseconds. */
  readP99Ms(): number;
}

export interface LoadShedderOptions {
  clock: Pick<Clock, 'monotonic'>;
  probe: EventLoopProbe;
  /** A delay above this is too much; 200 unless said. */
  maxDelayMs?: number;
  /** Too much for this long refuses one more priority; as long without refuses one less. 1000 unless said. */
  patienceMs?: number;
}

/** Refuses what matters least while the process has more to do than it can. */
export interface LoadShedder {
  /** Throws `OVERLOADED` for work that has to stay outside for now. */
  admit(priority?: Priority): void;
  /** What is refused now. */
  readonly refused: readonly Priority[];
}

const READINGS_PER_PATIENCE = 4;

/** Looks at the probe when work comes, four times per patience at most, and holds no timer. */
export function createLoadShedder(options: LoadShedderOptions): LoadShedder {
  const { clock, probe, maxDelayMs = 200, patienceMs = 1_000 } = options;
  let readAt = clock.monotonic();
  /** Since when every reading was on the present side of the limit. */
  let since = readAt;
  let late = false;
  /** Work below this rank is refused. */
  let level = 0;

  const look = (now: number): void => {
    readAt = now;
    const lateNow = probe.readP99Ms() > maxDelayMs;
    if (lateNow !== late) since = now;
    late = lateNow;
    if (now - since < patienceMs) return;
    level = Math.min(RANK.health, Math.max(0, level + (late ? 1 : -1)));
    since = now;
  };

  return {
    admit(priority = 'normal') {
      const now = clock.monotonic();
      if (now - readAt >= patienceMs / READINGS_PER_PATIENCE) look(now);
      if (RANK[priority] >= level) return;
      const message = 'This process has more to do than it can. Try again later.';
      throw new FlotillaError('OVERLOADED', { kind: 'unavailable', message, details: { priority, retryAfterMs: patienceMs } });
    },
    get refused() {
      return (Object.keys(RANK) as Priority[]).filter((priority) => RANK[priority] < level);
    },
  };
}
