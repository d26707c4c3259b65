import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import { copyJson, digest, FlotillaError, type Runtime, withTimeout } from '../kernel/index.ts';
import type { SagaRow } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { SagaStep, StepContext } from './definition.ts';
import { resultsOf } from './journal.ts';
import { keyedCalls } from './keyed-calls.ts';
import type { Attempt } from './next-move.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { SagaMeta } from './start.ts';
import type { JournalEntry } from '../store/index.ts';

type Contracts = Record<string, Contract>;

/** Makes the clients of one attempt. They call on behalf of whoever started the saga, until the signal aborts. */
export type StepClients = (options: {
  readonly calls: Contracts;
  readonly signal: AbortSignal;
  /** Of the step; each command called gets its own key derived from it. */
  readonly idempotencyKey: string;
  readonly meta: SagaMeta;
}) => Clients<Contracts>;

export interface StepTools {
  readonly clients: StepClients;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/** One attempt with what it works on. */
export interface StepWork extends Attempt {
  readonly saga: SagaRow;
  readonly calls: Contracts;
  readonly journal: readonly JournalEntry[];
  /** Aborts when the process lost the saga or can wait no longer. */
  readonly signal: AbortSignal;
}

/** Equal over all attempts of one direction of one step, and different from every other. */
export function stepKey(saga: string, step: string, direction: string): string {
  return digest(saga, step, direction);
}

/** Runs or undoes a step once. When that leaves the outcome unknown and the step can check, it checks at once. */
export async function attemptStep(tools: StepTools, work: StepWork): Promise<Outcome> {
  const { step, direction } = work;
  const outcome = await act(tools, work, direction === 'run' ? step.run : step.compensate!);
  return outcome.status === 'unknown' ? await settleStep(tools, work, outcome) : outcome;
}

/** Asks the step's own `check` how an attempt ended. Without one, or without an answer, it stays as unknown as it was. */
export async function settleStep(
  tools: StepTools,
  work: StepWork,
  unknown: Outcome & { status: 'failed' | 'unknown' },
): Promise<Outcome> {
  const { step, direction, signal } = work;
  if (direction !== 'run' || !step.check || signal.aborted) return unknown;
  const answer = await act(tools, work, step.check);
  if (answer.status !== 'ok') return unknown;
  return answer.output === undefined ? { ...unknown, status: 'failed' } : answer;
}

type Act = (context: StepContext<unknown, Record<string, unknown>, Contracts>) => unknown;

async function act(tools: StepTools, work: StepWork, action: NonNullable<SagaStep['check']> | Act): Promise<Outcome> {
  const { step, saga, attempt, direction } = work;
  const idempotencyKey = stepKey(saga.id, step.name, direction);
  let mayHaveActed = (): boolean => false;
  const onTimeout = (): FlotillaError =>
    new FlotillaError('STEP_TIMEOUT', { kind: 'timeout', message: `Step ${step.name} took longer than ${step.timeoutMs} ms.` });
  try {
    const output = await withTimeout(
      { clock: tools.runtime.clock, timeoutMs: step.timeoutMs, signal: work.signal, onTimeout },
      async (signal) => {
        // Every saga of this store was inserted by `startSaga`.
        const meta = saga.meta as SagaMeta;
        const clients = keyedCalls(
          tools.clients({ calls: work.calls, signal, idempotencyKey, meta }),
          work.calls,
          idempotencyKey,
        );
        mayHaveActed = clients.mayHaveActed;
        const results = resultsOf(work.journal);
        const { calls } = clients;
        const { fence, id: sagaId, input } = saga;
        return await action({ sagaId, input, results, calls, signal, idempotencyKey, fence, attempt });
      },
    );
    return { status: 'ok', output: copyJson(output) };
  } catch (thrown) {
    if (!work.signal.aborted) {
      const outcome = outcomeOf(thrown, mayHaveActed());
      tools.log.warn(
        { step: step.name, direction, attempt, outcome: outcome.status, error: thrown },
        'a saga step did not succeed',
      );
      return outcome;
    }
    return outcomeOf(thrown, true);
  }
}
