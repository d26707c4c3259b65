import { validateInput } from '../contract/index.ts';
import { copyJson, durationMs, FlotillaError, type Runtime } from '../kernel/index.ts';
import type { SagaSignal, SignalOutcome, Transaction } from '../store/index.ts';
import type { SagaDefinition } from './definition.ts';
import type { WaitStage } from './stage.ts';

/** How long a signal is kept for a saga that does not exist yet. */
const KEPT_MS = durationMs('7d');

export interface Signal {
  readonly key: string;
  readonly name: string;
  readonly data: unknown;
  /** Names this piece of news, so that it can be told twice; a new one unless said. */
  readonly id?: string | undefined;
}

/**
 * Tells the saga of this key something that it waits for, now or later. Throws `UNKNOWN_SIGNAL` when it never waits for that, and
 * `INVALID_INPUT` for data that does not fit.
 */
export async function signalSaga(
  tx: Transaction,
  definition: SagaDefinition,
  { signal, runtime }: { signal: Signal; runtime: Pick<Runtime, 'clock' | 'ids'> },
): Promise<SignalOutcome> {
  const { key, name, id = runtime.ids() } = signal;
  const { schema } = waitOf(definition, name);
  const data = copyJson(await validateInput(schema, signal.data, `The signal ${name} of saga ${definition.name}`));
  return await keepSignal(tx, { id, kind: definition.name, key, name, data, at: runtime.clock.now() });
}

export async function keepSignal(tx: Transaction, signal: Omit<SagaSignal, 'expiresAt'>): Promise<SignalOutcome> {
  return await tx.sagas.signal({ ...signal, expiresAt: signal.at + KEPT_MS });
}

function waitOf({ name: saga, stages }: SagaDefinition, name: string): WaitStage {
  const waits = stages.filter((stage) => stage.kind === 'wait');
  const wait = waits.find((stage) => stage.name === name);
  if (wait) return wait;
  const known = waits.map((stage) => stage.name).join(', ') || 'nothing';
  const message = `Saga ${saga} never waits for '${name}'; it waits for ${known}.`;
  throw new FlotillaError('UNKNOWN_SIGNAL', { kind: 'invalid', message });
}
