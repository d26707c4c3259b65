import { isFlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, SagaRow } from '../store/index.ts';
import type { Claims } from './claims.ts';
import type { SagaDefinition } from './definition.ts';
import { SagaDraft } from './saga-draft.ts';
import { type SagaBench, SagaRun } from './saga-run.ts';

/** A saga whose store failed rests for a moment, so that trouble does not spin. */
const TROUBLE_REST_MS = 1_000;

export interface InFlightOptions {
  readonly bench: SagaBench;
  readonly claims: Claims;
  readonly definitionOf: (saga: SagaRow) => SagaDefinition | undefined;
  /** Called when a saga has left. */
  readonly onLanded: () => void;
}

/** The sagas that this process runs right now. */
export interface InFlight {
  /** Runs a saga that was claimed at this monotonic time, until it ends, waits, gets stuck, or must be handed back. */
  launch(claimed: ClaimedSaga, askedAt: number): void;
  allLanded(): Promise<void>;
}

export function createInFlight({ bench, claims, definitionOf, onLanded }: InFlightOptions): InFlight {
  const running = new Set<Promise<void>>();

  async function fly(claimed: ClaimedSaga, askedAt: number): Promise<void> {
    const { saga } = claimed;
    using hold = claims.keep({ id: saga.id, fence: saga.fence, askedAt });
    const log = bench.log.child({ sagaId: saga.id, saga: saga.kind });
    try {
      await new SagaRun({ ...bench, log }, new SagaDraft(bench, claimed), { definition: definitionOf(saga), hold }).run();
    } catch (error) {
      if (isFlotillaError(error) && error.code === 'SAGA_LOST') return log.debug({}, error.message);
      if (!hold.signal.aborted) log.warn({ err: error }, 'a saga could not go on; it will be claimed again');
      await giveBack(saga, hold.signal.aborted ? 0 : TROUBLE_REST_MS);
    }
  }

  /** Touches the row only under its claim. When even that fails, the lease runs out. */
  async function giveBack({ id, fence }: SagaRow, restMs: number): Promise<void> {
    const now = bench.runtime.clock.now();
    const advance = { id, fence, entries: [], set: { wakeAt: now + restMs }, release: true, at: now };
    const failed = (error: unknown): void => bench.log.warn({ sagaId: id, err: error }, 'a claim could not be given back');
    await bench.store.sagas.advance(advance).catch(failed);
  }

  return {
    launch(claimed, askedAt) {
      const run = fly(claimed, askedAt).finally(() => {
        running.delete(run);
        onLanded();
      });
      running.add(run);
    },
    allLanded: async () => void (await Promise.all(running)),
  };
}
