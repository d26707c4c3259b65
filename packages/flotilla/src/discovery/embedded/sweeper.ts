import { jittered, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { LEASE_TTL_MS } from '../instance.ts';
import { repeat } from '../pace.ts';
import type { RegistryFile } from './registry-file.ts';
import { sweep, TELL_MS } from './sweep.ts';

const SWEEP_MS = 5_000;
/** More than this between what the two clocks say went by, and one of them was set. */
const CLOCK_JUMP_MS = 2_000;

export interface SweeperOptions {
  readonly file: RegistryFile;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  readonly onSwept: () => void;
}

/**
 * Drops instances whose leases are over. Every process sweeps, so none has to be alive. One that was away itself (its clock was
 * set, the machine slept, the process was stopped) first gives everybody the time of a lease to be heard.
 */
export function startSweeper({ file, runtime, log, onSwept }: SweeperOptions): Disposable {
  const { clock, random } = runtime;
  let last = { wall: Math.floor(clock.now()), monotonic: clock.monotonic() };
  let mercyUntil = -Infinity;

  const run = async (): Promise<void> => {
    const now = { wall: Math.floor(clock.now()), monotonic: clock.monotonic() };
    const elapsed = now.monotonic - last.monotonic;
    const jumped = Math.abs(now.wall - last.wall - elapsed) > CLOCK_JUMP_MS;
    if (jumped || elapsed > 2 * SWEEP_MS) mercyUntil = now.monotonic + LEASE_TTL_MS;
    last = now;
    if (now.monotonic < mercyUntil) return;
    const due = file.look((sql) => sql.expired.get(now.wall) ?? sql.lastForgettable.get(now.wall - TELL_MS)?.revision);
    if (due === undefined || due === null) return;
    const { expired, held } = await file.write((sql) => sweep(sql, now.wall));
    if (held > 0) log.warn({ held, expired }, 'too many leases ended at once to be believed; the instances are held as stale');
    onSwept();
  };
  return repeat(
    clock,
    () => jittered(random, SWEEP_MS),
    () => void run().catch((error: unknown) => log.warn({ err: error }, 'the registry could not be swept')),
  );
}
