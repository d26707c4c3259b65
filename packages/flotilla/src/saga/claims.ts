import { type Clock, FlotillaError, type LinkedSignal, linkSignal } from '../kernel/index.ts';
import type { Pauses, SagaStore } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { sagaLost } from './saga-draft.ts';

export interface ClaimsOptions {
  readonly sagas: Pick<SagaStore, 'renew'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly owner: string;
  readonly leaseMs: number;
}

/** The claim under which one saga runs. */
export interface Hold extends Disposable {
  /** Aborts when the claim is lost or the process can wait no longer. */
  readonly signal: AbortSignal;
  /** False when the lease is no longer young enough to begin something new, the saga is paused, or the process is about to stop. */
  mayStart(): boolean;
}

/** The claims one coordinator holds: renews their leases, all in one call, and knows how far each can be trusted. */
export interface Claims extends Disposable {
  readonly size: number;
  readonly closed: boolean;
  /** Keeps a claim that was asked for at this monotonic time, until it is disposed. */
  keep(claim: { id: string; kind: string; fence: number; askedAt: number }): Hold;
  /** What is paused starts nothing new until the next word. */
  obey(pauses: Pauses): void;
  /** Aborts a saga that was taken away. */
  drop(id: string): void;
  /** From now on nothing new starts; what runs goes on. */
  close(): void;
  /** Aborts whatever still runs. */
  abort(): void;
}

interface Kept {
  readonly fence: number;
  readonly link: LinkedSignal;
  trustedUntil: number;
}

export function keepClaims({ sagas, clock, log, owner, leaseMs }: ClaimsOptions): Claims {
  const kept = new Map<string, Kept>();
  // Of its lease a saga uses two thirds: the clock of the store may run a little faster than ours.
  const trustMs = (leaseMs * 2) / 3;
  let closed = false;
  let isPaused = (_id: string, _kind: string): boolean => false;
  let timer: Disposable | undefined;

  function tick(): void {
    timer = kept.size > 0 ? clock.timer(leaseMs / 3, tick) : undefined;
    if (timer) renew().catch((error: unknown) => log.warn({ err: error }, 'the leases of sagas could not be renewed'));
  }

  async function renew(): Promise<void> {
    const asked = [...kept];
    // The lease may begin at any moment from here on, so its age counts from here.
    const askedAt = clock.monotonic();
    const held = asked.map(([id, { fence }]) => ({ id, fence }));
    const renewed = new Set(await sagas.renew(owner, held, leaseMs));
    for (const [id, claim] of asked) {
      if (renewed.has(id)) claim.trustedUntil = Math.max(claim.trustedUntil, askedAt + trustMs);
      else claim.link.abort(sagaLost(id));
    }
  }

  return {
    get size() {
      return kept.size;
    },
    get closed() {
      return closed;
    },
    keep({ id, kind, fence, askedAt }) {
      // A process that overslept may claim its own saga again, while it still runs under the claim it lost.
      kept.get(id)?.link.abort(sagaLost(id));
      const claim: Kept = { fence, link: linkSignal(), trustedUntil: askedAt + trustMs };
      kept.set(id, claim);
      timer ??= clock.timer(leaseMs / 3, tick);
      return {
        signal: claim.link.signal,
        mayStart: () => !closed && !isPaused(id, kind) && clock.monotonic() < claim.trustedUntil,
        [Symbol.dispose]: () => void (kept.get(id) === claim && kept.delete(id)),
      };
    },
    obey({ service, kinds, claimed }) {
      isPaused = (id, kind) => service || kinds.includes(kind) || claimed.includes(id);
    },
    drop: (id) => kept.get(id)?.link.abort(sagaLost(id)),
    close: () => void (closed = true),
    abort() {
      for (const { link } of kept.values()) link.abort(stopping());
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
}

function stopping(): FlotillaError {
  return new FlotillaError('CANCELLED', {
    kind: 'cancelled',
    message: 'The process is stopping; another one goes on with the saga.',
  });
}
