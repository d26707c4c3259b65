import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import { abortReason, type Clock, copyJson, FlotillaError, type Runtime, withTimeout } from '../kernel/index.ts';
import type { JournalEntry, SagaRow } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Attempt } from './move.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { SagaMeta } from './start.ts';
import { StepRun } from './step-run.ts';
import type { SagaStep } from './step.ts';

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

type Act = (context: StepRun) => unknown;

async function act({ clients, runtime, log }: StepTools, work: StepWork, action: Act): Promise<Outcome> {
  const { step, direction, attempt } = work;
  const run = new StepRun(work, clients);
  try {
    return { status: 'ok', output: copyJson(await inTime(runtime.clock, run, action)) };
  } catch (err) {
    const outcome = outcomeOf(err, run);
    const { status, failure } = outcome;
    const facts = { step: step.name, direction, attempt, code: failure.code };
    // A refusal is business as usual; what nobody understands yet comes with its stack.
    if (status === 'failed') log.info(facts, `a saga step was refused: ${failure.message}`);
    else log.warn({ ...facts, err }, 'it is not known how a saga step ended');
    return outcome;
  }
}

/** What is there at once, or as soon as whoever waits for it is asked, needs no bounds. */
async function inTime(clock: Clock, run: StepRun, action: Act): Promise<unknown> {
  const { signal, step } = run.work;
  if (signal.aborted) throw abortReason(signal);
  const output = action(run);
  if (!(output instanceof Promise) || (await isSettled(output))) return await output;
  const bounds = { clock, signal, timeoutMs: step.timeoutMs, onTimeout: () => stepTimeout(step) };
  return await withTimeout(bounds, (ends) => {
    run.boundBy(ends);
    return output;
  });
}

/** False for a promise that has more to wait for than its turn among the microtasks. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => void (settled = true);
  promise.then(settle, settle);
  await Promise.resolve();
  return settled;
}

function stepTimeout({ name, timeoutMs }: SagaStep): FlotillaError {
  return new FlotillaError('STEP_TIMEOUT', { kind: 'timeout', message: `Step ${name} took longer than ${timeoutMs} ms.` });
}
