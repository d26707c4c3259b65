import type { Clock } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';

export interface PumpOptions {
  /** One stroke; returns how many milliseconds to rest when nobody wakes the pump before. */
  readonly stroke: () => Promise<number>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long to rest after a stroke that failed. */
  readonly troubleRestMs: number;
}

/** Works in strokes, one at a time: after a rest, or at once when woken. A wake-up during a stroke leads to another one. */
export interface Pump {
  wake(): void;
  /** Resolves when the stroke in progress has ended; there is none after it. */
  stop(): Promise<void>;
}

export function createPump({ stroke, clock, log, troubleRestMs }: PumpOptions): Pump {
  let working: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let rest: Disposable | undefined;

  function wake(): void {
    again = true;
    if (stopped || working) return;
    rest?.[Symbol.dispose]();
    working = work().finally(() => (working = undefined));
  }

  async function work(): Promise<void> {
    let restMs = 0;
    while (again && !stopped) {
      again = false;
      restMs = await stroke().catch((error: unknown) => {
        log.warn({ err: error }, 'sagas could not be claimed; will try again');
        return troubleRestMs;
      });
    }
    if (!stopped) rest = clock.timer(restMs, wake);
  }

  return {
    wake,
    async stop() {
      stopped = true;
      rest?.[Symbol.dispose]();
      await working;
    },
  };
}
