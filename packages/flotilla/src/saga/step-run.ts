import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import { digest } from '../kernel/index.ts';
import type { StepClients, StepWork } from './attempt-step.ts';
import { refusalsOf, resultsOf } from './journal.ts';
import { type KeyedCalls, keyedCalls } from './keyed-calls.ts';
import type { SagaMeta } from './start.ts';
import type { Results, StepContext } from './step.ts';

type Contracts = Record<string, Contract>;

/** What one attempt works with. Each part comes to be when it is asked for, so a step pays only for what it takes out. */
export class StepRun implements StepContext<unknown, Results, Contracts> {
  readonly work: StepWork;
  readonly #clients: StepClients;
  #signal: AbortSignal | undefined;
  /** Stands in for the bounds while they are not known. */
  #early: AbortController | undefined;
  #key: string | undefined;
  #keyed: KeyedCalls | undefined;

  constructor(work: StepWork, clients: StepClients) {
    this.work = work;
    this.#clients = clients;
  }

  get sagaId(): string {
    return this.work.saga.id;
  }
  get input(): unknown {
    return this.work.saga.input;
  }
  get results(): Results {
    return resultsOf(this.work.journal);
  }
  get fence(): number {
    return this.work.saga.fence;
  }
  get attempt(): number {
    return this.work.attempt;
  }
  get signal(): AbortSignal {
    return (this.#signal ??= (this.#early = new AbortController()).signal);
  }
  /** Different for each direction of each step. What was refused stays refused under its key, so the next attempt has another. */
  get idempotencyKey(): string {
    return (this.#key ??= this.#makeKey());
  }
  get calls(): Clients<Contracts> {
    const { calls, saga } = this.work;
    const { idempotencyKey, signal } = this;
    // Every saga of this store was inserted by `startSaga`.
    const meta = saga.meta as SagaMeta;
    this.#keyed ??= keyedCalls(this.#clients({ calls, signal, idempotencyKey, meta }), calls, idempotencyKey);
    return this.#keyed.calls;
  }

  /** True once a command took effect, or may have. */
  get mayHaveActed(): boolean {
    return this.#keyed?.mayHaveActed() ?? false;
  }

  /** True once a command was refused for good. */
  get wasRefused(): boolean {
    return this.#keyed?.wasRefused() ?? false;
  }

  #makeKey(): string {
    const { saga, step, direction, journal } = this.work;
    const refusals = refusalsOf(journal, step.name, direction);
    return refusals === 0 ? digest(saga.id, step.name, direction) : digest(saga.id, step.name, direction, `${refusals}`);
  }

  /** From now on the attempt ends when this signal aborts. */
  boundBy(signal: AbortSignal): void {
    const early = this.#early;
    if (early) signal.addEventListener('abort', () => early.abort(signal.reason), { once: true });
    else this.#signal = signal;
  }
}
