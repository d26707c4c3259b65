import type { SagaRow } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { StepClients } from './attempt-step.ts';
import type { Hold } from './claims.ts';
import type { SagaDefinition } from './definition.ts';
import type { SagaDesk } from './joint-write.ts';
import type { SagaDraft } from './saga-draft.ts';

/** What a coordinator lends to the sagas it runs. */
export interface SagaBench extends SagaDesk {
  readonly clients: StepClients;
  readonly log: Logger;
}

export type FindDefinition = (saga: Pick<SagaRow, 'kind' | 'definitionVersion'>) => SagaDefinition | undefined;

/** One claimed saga on its way, with all that it takes to go on. */
export interface Flight {
  readonly bench: SagaBench;
  readonly draft: SagaDraft;
  /** Undefined when this process does not know the version of the saga. */
  readonly definition: SagaDefinition | undefined;
  readonly definitionOf: FindDefinition;
  readonly hold: Hold;
}

/** What came of following a move: whether this process goes on with the saga. */
export type GoesOn = boolean;

/** A time that never comes: whoever waits for it waits for a signal. */
export const NEVER: number = Number.MAX_SAFE_INTEGER;

/** Gives the claim back until a time or a signal. A write that was refused leads to another move instead. */
export async function letGo({ draft }: Flight, wait: { until: number; awaits?: string | undefined }): Promise<GoesOn> {
  const status = draft.phase === 'forward' ? 'waiting' : 'compensating';
  const set = { status, wakeAt: wait.until, awaits: wait.awaits } as const;
  return !(await draft.save({ set, release: true }));
}

/** Gives the claim back for whoever is ready to go on at once. */
export async function handBack({ draft }: Flight): Promise<GoesOn> {
  const status = draft.phase === 'forward' ? 'ready' : 'compensating';
  return !(await draft.save({ set: { status, wakeAt: draft.now() }, release: true }));
}
