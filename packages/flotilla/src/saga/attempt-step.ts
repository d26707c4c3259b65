import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import { copyJson, digest, FlotillaError, type Runtime, withTimeout } from '../kernel/index.ts';
import type { JournalEntry, SagaRow } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { SagaStep, StepContext } from './definition.ts';
import { resultsOf } from './journal.ts';
import { type KeyedCalls, keyedCalls } from './keyed-calls.ts';
import type { Attempt } from './next-move.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { SagaMeta } from './start.ts';

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

async function act({ clients, runtime, log }: StepTools, work: StepWork, action: Act): Promise<Outcome> {
  const { step, direction, attempt } = work;
  let mayHaveActed = (): boolean => false;
  const clocked = { clock: runtime.clock, timeoutMs: step.timeoutMs, signal: work.signal, onTimeout: () => stepTimeout(step) };
  try {
    const output = await withTimeout(clocked, async (signal) => {
      const { context, keyed } = contextOf(work, clients, signal);
      mayHaveActed = keyed.mayHaveActed;
      return await action(context);
    });
    return { status: 'ok', output: copyJson(output) };
  } catch (err) {
    const outcome = outcomeOf(err, mayHaveActed());
    const { status, failure } = outcome;
    const facts = { step: step.name, direction, attempt, code: failure.code };
    // A refusal is business as usual; what nobody understands yet comes with its stack.
    if (status === 'failed') log.info(facts, `a saga step was refused: ${failure.message}`);
    else log.warn({ ...facts, err }, 'it is not known how a saga step ended');
    return outcome;
  }
}

function contextOf(
  { saga, step, direction, attempt, calls, journal }: StepWork,
  clients: StepClients,
  signal: AbortSignal,
): { context: Parameters<Act>[0]; keyed: KeyedCalls } {
  const idempotencyKey = stepKey(saga.id, step.name, direction);
  // Every saga of this store was inserted by `startSaga`.
  const meta = saga.meta as SagaMeta;
  const keyed = keyedCalls(clients({ calls, signal, idempotencyKey, meta }), calls, idempotencyKey);
  const { id: sagaId, input, fence } = saga;
  const results = resultsOf(journal);
  return { context: { sagaId, input, results, calls: keyed.calls, signal, idempotencyKey, fence, attempt }, keyed };
}

function stepTimeout({ name, timeoutMs }: SagaStep): FlotillaError {
  return new FlotillaError('STEP_TIMEOUT', { kind: 'timeout', message: `Step ${name} took longer than ${timeoutMs} ms.` });
}
