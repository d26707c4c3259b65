import { AsyncLocalStorage } from 'node:async_hooks';
import { abortReason, type Clock, FlotillaError } from '../../kernel/index.ts';
import type { Transaction, TransactOptions } from '../store.ts';
import type { Guard } from './direct.ts';

const DEFAULT_TIMEOUT_MS = 5_000;

export type Work = (tx: Transaction) => unknown;

export interface UnitOptions {
  readonly work: Work;
  readonly clock: Clock;
  readonly options: TransactOptions | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One piece of work on its way through the committer. It may be settled from outside at any time before its work ended:
 * an abort or its timeout ends it at once, even if the work ignores that.
 */
export class Unit implements Guard {
  readonly callbacks: (() => void)[] = [];
  readonly #options: UnitOptions;
  /** The work runs in the async context of whoever submitted it, not of whoever made the committer start. */
  readonly #inContext = AsyncLocalStorage.snapshot();
  #state: 'queued' | 'running' | 'worked' | 'settled' = 'queued';
  #result: unknown;
  #interrupt: (error: unknown) => void;

  constructor(options: UnitOptions) {
    this.#options = options;
    this.#interrupt = (error) => this.fail(error);
    const signal = options.options?.signal;
    if (signal?.aborted) this.#aborted();
    else signal?.addEventListener('abort', this.#aborted, { once: true });
  }

  get settled(): boolean {
    return this.#state === 'settled';
  }

  get running(): boolean {
    return this.#state === 'running';
  }

  assertOpen(): void {
    if (this.#state === 'running') return;
    throw transactionEnded('This transaction has ended. Await everything that uses it before the work function returns.');
  }

  /** Runs the work to its end, or throws as soon as it is aborted or out of time. */
  async run(tx: Transaction, current: AsyncLocalStorage<Unit>): Promise<void> {
    const { work, clock, options } = this.#options;
    const timeoutMs = options?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#state = 'running';
    using _timer = Number.isFinite(timeoutMs)
      ? clock.timer(timeoutMs, () => this.#interrupt(timedOut(timeoutMs)), { hold: true })
      : undefined;
    try {
      this.#result = await new Promise<unknown>((resolve, reject) => {
        this.#interrupt = reject;
        // Not `resolve(work(tx))`: that would bind this promise to the work, and an interrupt would come to nothing.
        this.#inContext(() => current.run(this, () => Promise.resolve(work(tx)))).then(resolve, reject);
      });
    } finally {
      this.#state = 'worked';
      this.#interrupt = () => undefined;
    }
  }

  succeed(): void {
    this.#settle();
    this.#options.resolve(this.#result);
  }

  fail(error: unknown): void {
    this.#settle();
    this.#options.reject(error);
  }

  #settle(): void {
    this.#state = 'settled';
    this.#options.options?.signal?.removeEventListener('abort', this.#aborted);
  }

  readonly #aborted = (): void => this.#interrupt(abortReason(this.#options.options!.signal!));
}

function timedOut(timeoutMs: number): FlotillaError {
  return new FlotillaError('TRANSACTION_TIMEOUT', {
    kind: 'timeout',
    message: `The transaction took longer than ${timeoutMs} ms and was rolled back. Do slow work before or after it.`,
  });
}

export function transactionEnded(message: string): FlotillaError {
  return new FlotillaError('TRANSACTION_ENDED', { kind: 'internal', message });
}
