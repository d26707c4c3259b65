import type { Runtime } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { SagaDefinition } from './definition.ts';
import { expireSignals } from './expiry.ts';

const EVERY_MS = 60_000;

/** Looks now and then for what nobody came for: signals that expire, sagas of kinds that are no longer deployed. */
export interface Sweeper extends AsyncDisposable {
  start(): void;
  /** Kinds of open sagas that this process does not know, when it last looked. */
  readonly strangers: readonly string[];
}

export interface SweeperOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly sagas: readonly SagaDefinition[];
}

export function createSweeper(options: SweeperOptions): Sweeper {
  const { store, runtime, log } = options;
  const kinds = options.sagas.map(({ name }) => name);
  let strangers: readonly string[] = [];
  let timer: Disposable | undefined;
  let sweeping: Promise<void> | undefined;
  let stopped = false;

  const sweep = async (): Promise<void> => {
    try {
      strangers = await store.sagas.strangers(kinds);
      await expireSignals(options);
    } catch (err) {
      log.warn({ err }, 'could not look for what nobody came for; will try again');
    }
  };
  const begin = (): void => {
    sweeping = sweep().finally(() => {
      if (!stopped) timer = runtime.clock.timer(EVERY_MS, begin);
    });
  };
  return {
    start: begin,
    get strangers() {
      return strangers;
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      timer?.[Symbol.dispose]();
      await sweeping;
    },
  };
}
