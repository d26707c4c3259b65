import { jittered, repeat, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { LEASE_TTL_MS } from '../instance.ts';

const SWEEP_MS = 5_000;
/** More than this between what the two clocks say went by, and one of them was set. */
const CLOCK_JUMP_MS = 2_000;

export interface Swept {
  readonly expired: number;
  /** Held although their leases are over. */
  readonly held: number;
}

export interface SweeperOptions {
  /** A look, without writing, at the clock that leases are measured with, and at whether there is anything to sweep. */
  readonly look: () => Promise<{ readonly now: number; readonly isDue: boolean }>;
  /** What that clock says now, where it can be asked at once; otherwise the first look only takes the time. */
  readonly now?: number | undefined;
  /** Drops or holds those whose leases are over, and forgets who has been gone for long. */
  readonly sweep: () => Promise<Swept>;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/**
 * Sweeps a registry again and again. Every process sweeps, so none has to be alive. One that was away itself (a clock was set,
 * the machine slept, the process was stopped, the registry could not be reached) first gives everybody the time of a lease to
 * be heard.
 */
export function startSweeper({ look, now: wall, sweep, runtime, log }: SweeperOptions): Disposable {
  const { clock, random } = runtime;
  let last = wall === undefined ? undefined : { wall, monotonic: clock.monotonic() };
  let mercyUntil = -Infinity;
  let failures = 0;

  const run = async (): Promise<void> => {
    const seen = await look();
    const now = { wall: seen.now, monotonic: clock.monotonic() };
    const before = last;
    last = now;
    if (!before) return;
    const elapsed = now.monotonic - before.monotonic;
    const jumped = Math.abs(now.wall - before.wall - elapsed) > CLOCK_JUMP_MS;
    if (jumped || elapsed > 2 * SWEEP_MS) mercyUntil = now.monotonic + LEASE_TTL_MS;
    if (!seen.isDue || now.monotonic < mercyUntil) return;
    const { expired, held } = await sweep();
    if (held > 0) log.warn({ held, expired }, 'too many leases ended at once to be believed; the instances are held as stale');
  };
  return repeat(
    clock,
    () => jittered(random, SWEEP_MS),
    () =>
      void run().then(
        () => (failures = 0),
        // One that is away for long is said to be so once.
        (err: unknown) => log[failures++ === 0 ? 'warn' : 'debug']({ err }, 'the registry could not be swept'),
      ),
  );
}
