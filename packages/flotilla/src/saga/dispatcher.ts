import { linkSignal, sleep } from '../kernel/index.ts';
import type { SagaRow } from '../store/index.ts';
import { keepClaims } from './claims.ts';
import type { SagaDefinition } from './definition.ts';
import { createInFlight } from './in-flight.ts';
import { createPump } from './pump.ts';
import type { SagaBench } from './saga-run.ts';

const DEFAULT_CONCURRENCY = 256;
const DEFAULT_LEASE_MS = 30_000;
/** Finds what other processes committed, and whatever a wake-up missed. */
const POLL_MS = 1_000;

export interface DispatcherOptions extends SagaBench {
  /** Every version that may still run; only sagas of these names are claimed. */
  readonly sagas: readonly SagaDefinition[];
  /** This incarnation of the process: unique per start, because leases outlive a crash. */
  readonly owner: string;
  /** Sagas in flight at once; 256 unless said. */
  readonly concurrency?: number;
  /** How long others wait for a process that died; 30 s unless said. */
  readonly leaseMs?: number;
}

/** Claims sagas as they come due and runs each one, as many at once as there is room for. */
export interface Dispatcher {
  start(): void;
  /** Claims nothing more, waits so long for what runs, then cuts it short and hands it on. */
  stop(graceMs: number): Promise<void>;
}

export function createDispatcher(
  options: DispatcherOptions,
  definitionOf: (saga: SagaRow) => SagaDefinition | undefined,
): Dispatcher {
  const { store, runtime, log, owner, concurrency = DEFAULT_CONCURRENCY, leaseMs = DEFAULT_LEASE_MS } = options;
  const { clock, random } = runtime;
  const kinds = [...new Set(options.sagas.map(({ name }) => name))];
  const claims = keepClaims({ sagas: store.sagas, clock, log, owner, leaseMs });
  const pump = createPump({ stroke: fill, clock, log, troubleRestMs: POLL_MS });
  const onLanded = (): void => {
    if (full) pump.wake();
  };
  const inFlight = createInFlight({ bench: options, claims, definitionOf, onLanded });
  let listening: Disposable | undefined;
  let full = false;

  /** Claims as much as there is room for; returns how long to rest. */
  async function fill(): Promise<number> {
    full = false;
    for (let room = concurrency - claims.size; room > 0; room = concurrency - claims.size) {
      const askedAt = clock.monotonic();
      const claimed = await store.sagas.claim({ owner, kinds, limit: room, leaseMs });
      for (const claim of claimed) inFlight.launch(claim, askedAt);
      if (claimed.length < room) return await untilNextWake();
    }
    full = true;
    return POLL_MS;
  }

  async function untilNextWake(): Promise<number> {
    // Jitter keeps many processes from asking one database at the same moment.
    const pollMs = POLL_MS * (0.8 + 0.4 * random.next());
    const wakeAt = await store.sagas.nextWake(kinds);
    return wakeAt === undefined ? pollMs : Math.min(pollMs, Math.max(1, wakeAt - clock.now()));
  }

  return {
    start() {
      if (kinds.length === 0) return;
      listening ??= store.onCommit(({ sagas }) => sagas && pump.wake());
      pump.wake();
    },
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
