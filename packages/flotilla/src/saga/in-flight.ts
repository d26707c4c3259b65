import { isFlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, SagaRow } from '../store/index.ts';
import type { Claims } from './claims.ts';
import type { FindDefinition, SagaBench } from './flight.ts';
import { fly } from './fly.ts';
import { lazyChild } from './lazy-child.ts';
import type { Attempt } from './move.ts';
import { SagaDraft } from './saga-draft.ts';

/** A saga whose store failed rests for a moment, so that trouble does not spin. */
const TROUBLE_REST_MS = 1_000;

export interface InFlightOptions {
  readonly bench: SagaBench;
  readonly claims: Claims;
  readonly leaseMs: number;
  readonly definitionOf: FindDefinition;
  /** Called when a saga has left. */
  readonly onLanded: () => void;
}

/** How this process came by a claim. */
export interface Launch {
  /** Monotonic time at which it asked for it. */
  readonly askedAt: number;
  /** Attempts that are in the journal and that nobody has made. */
  readonly begun: readonly Attempt[];
}

/** The sagas that this process runs right now. */
export interface InFlight {
  /** Runs a claimed saga until it ends, waits, gets stuck, or must be handed back. */
  launch(claimed: ClaimedSaga, launch: Launch): void;
  allLanded(): Promise<void>;
}

export function createInFlight({ bench, claims, leaseMs, definitionOf, onLanded }: InFlightOptions): InFlight {
  const running = new Set<Promise<void>>();
  const { clock } = bench.runtime;

  async function run(claimed: ClaimedSaga, { askedAt, begun }: Launch): Promise<void> {
    const { saga } = claimed;
    using hold = claims.keep({ id: saga.id, kind: saga.kind, fence: saga.fence, askedAt });
    const log = lazyChild(bench.log, { sagaId: saga.id, saga: saga.kind });
    // The lease tells what time it was at the store, and that was no earlier than it was asked for.
    const now = (): number => Math.ceil(saga.leaseUntil - leaseMs + clock.monotonic() - askedAt);
    const draft = new SagaDraft(bench, claimed, now);
    try {
      await fly({ bench: { ...bench, log }, draft, definition: definitionOf(saga), definitionOf, hold }, begun);
    } catch (error) {
      if (isFlotillaError(error) && error.code === 'SAGA_LOST') return log.debug({}, error.message);
      if (!hold.signal.aborted) log.warn({ err: error }, 'a saga could not go on; it will be claimed again');
      await giveBack(saga, now() + (hold.signal.aborted ? 0 : TROUBLE_REST_MS));
    }
  }

  /** Touches the row only under its claim. When even that fails, the lease runs out. */
  async function giveBack({ id, fence }: SagaRow, wakeAt: number): Promise<void> {
    const advance = { id, fence, set: { wakeAt }, release: true, at: wakeAt };
    const failed = (error: unknown): void => bench.log.warn({ sagaId: id, err: error }, 'a claim could not be given back');
    await bench.store.sagas.advance(advance).catch(failed);
  }

  return {
    launch(claimed, launch) {
      const flight = run(claimed, launch).finally(() => {
        running.delete(flight);
        onLanded();
      });
      running.add(flight);
    },
    allLanded: async () => void (await Promise.all(running)),
  };
}
