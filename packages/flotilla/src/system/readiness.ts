import { LEASE_TTL_MS } from '../discovery/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { Health, Logger } from '../telemetry/index.ts';
import type { Peers } from './peers.ts';

export interface ReadinessOptions {
  /** Services in other processes that those of this one call, or that its gateway leads to. */
  readonly needed: readonly string[];
  readonly peers: Pick<Peers, 'route' | 'onArrival'>;
  /** Whether the databases of this process can be used. */
  readonly stores: () => Promise<Health>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whether this process should be sent work. */
export interface Readiness extends Disposable {
  /** All of it is open. */
  opened(): void;
  /** It takes nothing new from now on. */
  closing(): void;
  /** `DOWN` with the reason while it should not. */
  check(): Promise<Health>;
  /** Which services it still waits for. */
  readonly waitsFor: readonly string[];
}

/**
 * Ready is who is open, can use its own databases, and has seen an instance of each service that it needs. Seen once is enough:
 * the loss of a neighbour is what breakers are for, and must not spread. For the same reason the wait ends after the time of a
 * lease. By then everybody who lives is listed, and who is not is not about to start, but down.
 */
export function createReadiness({ needed, peers, stores, clock, log }: ReadinessOptions): Readiness {
  let phase: 'starting' | 'open' | 'closing' = 'starting';
  const unseen = new Set(needed);
  const stack = new DisposableStack();
  const look = (): void => {
    for (const service of unseen) if (peers.route(service).instances().length > 0) unseen.delete(service);
  };
  const goOn = (): void => {
    look();
    if (unseen.size > 0) log.warn({ services: [...unseen] }, 'going on without services that nobody has listed so far');
    unseen.clear();
  };
  stack.use(peers.onArrival(look));
  return {
    opened: () => {
      phase = 'open';
      look();
      if (unseen.size > 0) stack.use(clock.timer(LEASE_TTL_MS, goOn));
    },
    closing: () => void (phase = 'closing'),
    check: async () => {
      if (phase === 'starting') return down('The process starts.');
      if (phase === 'closing') return down('The process stops.');
      if (unseen.size > 0) return down(`Waits for ${[...unseen].join(', ')}: no instance is listed yet.`);
      return await stores();
    },
    get waitsFor() {
      return [...unseen];
    },
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}

function down(reason: string): Health {
  return { status: 'DOWN', reason };
}
