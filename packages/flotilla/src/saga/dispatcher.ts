import { linkSignal, sleep } from '../kernel/index.ts';
import { keepClaims } from './claims.ts';
import type { SagaDefinition } from './definition.ts';
import type { FindDefinition, SagaBench } from './flight.ts';
import { createInFlight } from './in-flight.ts';
import { createPump } from './pump.ts';
import type { Berth } from './start.ts';
import { createStroke, POLL_MS } from './stroke.ts';

const DEFAULT_CONCURRENCY = 256;
const DEFAULT_LEASE_MS = 30_000;

export interface DispatcherOptions extends SagaBench {
  /** Every version that may still run; only sagas of these names are claimed. */
  readonly sagas: readonly SagaDefinition[];
  /** This incarnation of the process: unique per start, because leases outlive a crash. */
  readonly owner: string;
  /** Sagas in flight at once; 256 unless said. */
  readonly concurrency?: number;
  /** How long others wait for a process that died; 30 s unless said. */
  readonly leaseMs?: number;
  /** Holds back all sagas of the service from the start on, until somebody resumes them. */
  readonly startPaused?: boolean;
}

/** Claims sagas as they come due and runs each one, as many at once as there is room for. */
export interface Dispatcher {
  start(): void;
  /** Where sagas that this process starts go on without being claimed. */
  readonly berth: Berth;
  /** Stops a saga that was taken away from this process. */
  drop(id: string): void;
  /** Claims nothing more, waits so long for what runs, then cuts it short and hands it on. */
  stop(graceMs: number): Promise<void>;
}

export function createDispatcher(options: DispatcherOptions, definitionOf: FindDefinition): Dispatcher {
  const { store, runtime, log, owner, concurrency = DEFAULT_CONCURRENCY, leaseMs = DEFAULT_LEASE_MS } = options;
  const { clock } = runtime;
  const kinds = [...new Set(options.sagas.map(({ name }) => name))];
  const claims = keepClaims({ sagas: store.sagas, clock, log, owner, leaseMs });
  const onLanded = (): void => {
    if (stroke.isFull) pump.wake();
  };
  const inFlight = createInFlight({ bench: options, claims, leaseMs, definitionOf, onLanded });
  const stroke = createStroke({ ...options, kinds, concurrency, leaseMs, claims, inFlight });
  const pump = createPump({ stroke: () => stroke.run(), clock, log, troubleRestMs: POLL_MS });
  let listening: Disposable | undefined;

  return {
    start() {
      if (kinds.length === 0) return;
      listening ??= store.onCommit(({ sagas }) => sagas && pump.wake());
      pump.wake();
    },
    berth: {
      // Sagas that start in one commit may go over the limit a little; they are not worth a claim each.
      claim: () => {
        const hasRoom = listening && stroke.mayClaim && !claims.closed && claims.size < concurrency;
        return hasRoom ? { owner, leaseMs } : undefined;
      },
      // After the end its lease runs out, as after a crash.
      launch: (claimed, birth) => claims.closed || inFlight.launch(claimed, birth),
    },
    drop: (id) => claims.drop(id),
    async stop(graceMs) {
      listening?.[Symbol.dispose]();
      claims.close();
      await pump.stop();
      using grace = linkSignal();
      const landed = inFlight.allLanded().then(() => grace.abort(new Error('Nothing is in flight any more.')));
      await sleep(clock, graceMs, grace.signal).catch(() => undefined);
      claims.abort();
      await landed;
      claims[Symbol.dispose]();
    },
  };
}
