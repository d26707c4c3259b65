import { FlotillaError } from '../../kernel/index.ts';

/** What goes wrong at one awaited port call. After a crash the process does nothing any more; a pause ends later. */
export type FaultMode = 'crash before' | 'crash after' | 'error before' | 'reply lost' | 'pause before' | 'pause after';

export interface Fault {
  /** Number of the port call, from 1, over all processes of one run. */
  readonly at: number;
  readonly mode: FaultMode;
  /** A pause ends at this call, made by somebody else; without it, when everything else has come to rest. */
  readonly until?: number;
}

/** Numbers the port calls of one run and says which of them go wrong. */
export class FaultPlan {
  readonly trace: string[] = [];
  /** Rises whenever a call begins or ends: while it stands still, so does the world. */
  activity = 0;
  readonly #faults: readonly Fault[];
  readonly #paused: { readonly until: number; readonly resume: () => void }[] = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  next(call: string): Fault | undefined {
    const number = this.trace.push(call);
    for (const { until, resume } of this.#paused) if (number >= until) resume();
    return this.#faults.find(({ at }) => at === number);
  }

  pauseUntil(until: number, resume: () => void): void {
    this.#paused.push({ until, resume });
  }

  /** True when there was a pause to end. */
  resumeAll(): boolean {
    for (const { resume } of this.#paused) resume();
    return this.#paused.length > 0;
  }
}

/** The border of one process: all its port calls pass here, where it can be killed or paused. */
export class Gate {
  readonly #plan: FaultPlan;
  #state: 'alive' | 'paused' | 'dead' = 'alive';
  #resumed: Promise<void> = Promise.resolve();
  readonly #owned = new DisposableStack();

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  get state(): 'alive' | 'paused' | 'dead' {
    return this.#state;
  }

  kill(): void {
    this.#state = 'dead';
    this.#owned.dispose();
  }

  /** Dies with the process: what waits for time or for commits on its behalf. */
  own<TOwned extends Disposable>(owned: TOwned): TOwned {
    if (!this.#owned.disposed) return this.#owned.use(owned);
    // Beside what killed the process something else was still on its way to its next call.
    owned[Symbol.dispose]();
    return owned;
  }

  async call<TResult>(name: string, effect: () => Promise<TResult>): Promise<TResult> {
    await this.#pass();
    this.#plan.activity += 1;
    const fault = this.#plan.next(name);
    if (fault?.mode === 'error before') throw unreachable(name);
    if (fault?.mode === 'crash before') this.kill();
    if (fault?.mode === 'pause before') this.#pause(fault.until);
    await this.#pass();
    const outcome = await settled(effect);
    this.#plan.activity += 1;
    if (fault?.mode === 'reply lost') throw unreachable(name);
    if (fault?.mode === 'crash after') this.kill();
    if (fault?.mode === 'pause after') this.#pause(fault.until);
    await this.#pass();
    return outcome();
  }

  /** A dead process never gets past here. */
  async #pass(): Promise<void> {
    await this.#resumed;
    if (this.#state === 'dead') await new Promise<never>(() => undefined);
  }

  #pause(until = Infinity): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#state = 'paused';
    this.#resumed = promise;
    this.#plan.pauseUntil(until, () => {
      if (this.#state === 'paused') this.#state = 'alive';
      resolve();
    });
  }
}

async function settled<TResult>(effect: () => Promise<TResult>): Promise<() => TResult> {
  try {
    const result = await effect();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function unreachable(name: string): FlotillaError {
  return new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: `No answer from ${name}.` });
}
