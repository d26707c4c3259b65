import type { Claims } from './claims.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import type { InFlight } from './in-flight.ts';
import { pauseMany } from './pause.ts';

/** Finds what other processes committed, and whatever a wake-up missed. */
export const POLL_MS = 1_000;

export interface StrokeOptions extends DispatcherOptions {
  readonly kinds: readonly string[];
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly claims: Claims;
  readonly inFlight: InFlight;
}

/** One look for sagas to go on with. */
export interface Stroke {
  /** Claims as much as there is room for; returns how long to rest. */
  run(): Promise<number>;
  /** True when the last one left no room. */
  readonly isFull: boolean;
  /** False until the service is held back, when it was started so. */
  readonly mayClaim: boolean;
}

export function createStroke(options: StrokeOptions): Stroke {
  const { store, runtime, owner, kinds, concurrency, leaseMs, claims, inFlight } = options;
  const { clock, random } = runtime;
  let isFull = false;
  let mayClaim = options.startPaused !== true;

  async function holdBack(): Promise<void> {
    const reason = 'The process was started with its sagas paused.';
    await pauseMany(options, { act: 'pause', scope: { service: true }, operator: 'start', reason });
    mayClaim = true;
  }

  async function untilNextWake(): Promise<number> {
    // Jitter keeps many processes from asking one database at the same moment.
    const pollMs = POLL_MS * (0.8 + 0.4 * random.next());
    const wakeAt = await store.sagas.nextWake(kinds);
    return wakeAt === undefined ? pollMs : Math.min(pollMs, Math.max(1, wakeAt - clock.now()));
  }

  return {
    async run() {
      if (!mayClaim) await holdBack();
      isFull = false;
      claims.obey(await store.sagas.pauses());
      for (let room = concurrency - claims.size; room > 0; room = concurrency - claims.size) {
        const askedAt = clock.monotonic();
        const claimed = await store.sagas.claim({ owner, kinds, limit: room, leaseMs });
        for (const claim of claimed) inFlight.launch(claim, { askedAt, begun: [] });
        if (claimed.length < room) return await untilNextWake();
      }
      isFull = true;
      return POLL_MS;
    },
    get isFull() {
      return isFull;
    },
    get mayClaim() {
      return mayClaim;
    },
  };
}
