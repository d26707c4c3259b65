import type { Clock } from '../../kernel/index.ts';
import type { FakeClock } from '../../testing/index.ts';

/** The clock of one machine among several: time goes on everywhere, but while the machine stands still nothing happens on it. */
export interface OfficeClock extends Clock {
  /** As SIGSTOP does. */
  freeze(): void;
  /** What came due meanwhile happens now, late. */
  thaw(): void;
}

export function officeClock(world: FakeClock): OfficeClock {
  let late: (() => void)[] | undefined;
  return {
    now: world.now,
    monotonic: world.monotonic,
    timer(delayMs, callback) {
      let isCancelled = false;
      const fire = (): void => {
        if (isCancelled) return;
        if (late) late.push(fire);
        else callback();
      };
      const timer = world.timer(delayMs, fire);
      return {
        [Symbol.dispose]: () => {
          isCancelled = true;
          timer[Symbol.dispose]();
        },
      };
    },
    freeze: () => void (late ??= []),
    thaw: () => {
      const due = late ?? [];
      late = undefined;
      for (const fire of due) fire();
    },
  };
}
