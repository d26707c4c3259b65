import { durationMs, linkSignal, type Runtime } from '../kernel/index.ts';
import { pruneMessages } from '../messaging/index.ts';
import type { Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';

const EVERY_MS = durationMs('10m');

/** Forgets old inbox rows and idempotency records now and then, so that a busy service's database does not grow for ever. */
export interface Housekeeping extends AsyncDisposable {
  start(): void;
}

export function createHousekeeping(parts: { store: Store; runtime: Pick<Runtime, 'clock'>; log: Logger }): Housekeeping {
  const { store, runtime, log } = parts;
  const stop = linkSignal();
  let timer: Disposable | undefined;
  let running: Promise<void> | undefined;

  const round = async (): Promise<void> => {
    try {
      const pruned = await pruneMessages({ store, runtime, signal: stop.signal });
      if (pruned.inbox + pruned.idempotency > 0) log.debug(pruned, 'forgot old messages and replies');
    } catch (err) {
      log.warn({ err }, 'could not forget old messages; will try again');
    }
  };
  const wait = (): void => {
    timer = runtime.clock.timer(EVERY_MS, () => {
      running = round().finally(() => stop.signal.aborted || wait());
    });
  };

  return {
    start: wait,
    [Symbol.asyncDispose]: async () => {
      timer?.[Symbol.dispose]();
      stop.abort(new Error('The service stops.'));
      await running;
    },
  };
}
