import { jittered, repeat, type Runtime } from '../../kernel/index.ts';
import type { Lease } from '../instance.ts';
import type { LeaseState, Vitals } from '../registry.ts';

/** The part of a registry that keeps leases alive, with a connection of its own. */
export interface Renewer extends Disposable {
  renew(lease: Lease, vitals: Vitals): Promise<boolean>;
}

export interface BeatsOptions {
  readonly renewer: Renewer;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly heartbeatMs: number;
  /** Whether the loop that does the real work has stopped turning; asked at every tick. */
  readonly isBlocked: () => boolean;
  /** Hears how each renewal went. */
  readonly report: (lease: Lease, state: LeaseState) => void;
}

interface Beat {
  readonly lease: Lease;
  dueAt: number;
  renewing: boolean;
}

/** How often it looks what is due, and whether the main loop turns. */
export const TICK_MS = 500;
/** A registry that is away is tried again sooner than at the next heartbeat. */
const RETRY_SHARE = 1 / 5;

/** Renews leases, each at a pace of its own, and all at once when the main loop stops or starts turning. */
export class Beats implements Disposable {
  readonly #options: BeatsOptions;
  readonly #beats = new Map<string, Beat>();
  readonly #ticking: Disposable;
  #blocked = false;

  constructor(options: BeatsOptions) {
    this.#options = options;
    this.#ticking = repeat(
      options.runtime.clock,
      () => TICK_MS,
      () => this.#tick(),
    );
  }

  add(lease: Lease): void {
    this.#beats.set(keyOf(lease), { lease, dueAt: this.#in(this.#options.heartbeatMs), renewing: false });
  }

  remove(lease: Lease): void {
    this.#beats.delete(keyOf(lease));
  }

  #tick(): void {
    const now = this.#options.runtime.clock.monotonic();
    const blocked = this.#options.isBlocked();
    const turned = blocked !== this.#blocked;
    this.#blocked = blocked;
    for (const beat of this.#beats.values()) {
      if (turned) beat.dueAt = now;
      if (beat.dueAt <= now && !beat.renewing) void this.#renew(beat);
    }
  }

  async #renew(beat: Beat): Promise<void> {
    const { renewer, report, heartbeatMs } = this.#options;
    const blocked = this.#blocked;
    beat.renewing = true;
    beat.dueAt = this.#in(heartbeatMs);
    let state: LeaseState;
    try {
      state = (await renewer.renew(beat.lease, { blocked })) ? 'kept' : 'lost';
    } catch {
      state = 'away';
      beat.dueAt = this.#in(heartbeatMs * RETRY_SHARE);
    }
    beat.renewing = false;
    if (this.#beats.get(keyOf(beat.lease)) === beat) report(beat.lease, state);
  }

  #in(milliseconds: number): number {
    const { clock, random } = this.#options.runtime;
    return clock.monotonic() + jittered(random, milliseconds);
  }

  [Symbol.dispose](): void {
    this.#ticking[Symbol.dispose]();
    this.#beats.clear();
    this.#options.renewer[Symbol.dispose]();
  }
}

/** One text for an incarnation. */
export function keyOf({ id, epoch }: Lease): string {
  return `${epoch} ${id}`;
}
