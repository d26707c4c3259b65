import { FlotillaError, untilAborted } from '../../kernel/index.ts';
import type { StepDirection } from '../../store/index.ts';

/** One call that arrives at the harbour. */
export interface Arrival {
  readonly saga: string;
  readonly step: string;
  readonly direction: StepDirection;
  readonly key: string;
}

/** `silent` takes effect and never answers; `late` never answers and takes effect after everything else. */
export type Reply = 'ok' | 'declined' | 'unavailable' | 'silent' | 'late';

/** How a harbour answers the how-manieth arrival of one direction of one step. */
export type Temper = (arrival: Arrival, times: number) => Reply;

/**
 * The world outside: what the steps of a saga act upon. It outlives every process, happens once per idempotency key as any
 * command does, and refuses work that was undone before it came.
 */
export class Harbour {
  /** What really happened, in order. */
  readonly effects: Arrival[] = [];
  readonly #temper: Temper;
  readonly #times = new Map<string, number>();
  readonly #taken = new Set<string>();
  readonly #undone = new Set<string>();
  readonly #late: Arrival[] = [];

  constructor(temper: Temper) {
    this.#temper = temper;
  }

  async take(arrival: Arrival, signal: AbortSignal): Promise<{ step: string }> {
    const what = `${arrival.step} ${arrival.direction}`;
    const times = (this.#times.get(what) ?? 0) + 1;
    this.#times.set(what, times);
    const reply = this.#temper(arrival, times);
    if (reply === 'unavailable') throw new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'Fog.' });
    if (reply === 'declined' && !this.#taken.has(arrival.key)) {
      throw new FlotillaError('DECLINED', { kind: 'conflict', message: `No ${arrival.step} today.` });
    }
    if (reply === 'late') this.#late.push(arrival);
    else this.#apply(arrival);
    if (reply === 'late' || reply === 'silent') await untilAborted(signal, new Promise<never>(() => undefined));
    return { step: arrival.step };
  }

  /** Whether the step has happened, and not been undone. */
  has(saga: string, step: string): boolean {
    const of = this.effects.filter((effect) => effect.saga === saga && effect.step === step);
    return of.at(-1)?.direction === 'run';
  }

  /** What was long on its way arrives at last. */
  arriveLate(): void {
    for (const arrival of this.#late.splice(0)) this.#apply(arrival);
  }

  #apply(arrival: Arrival): void {
    const { saga, step, direction, key } = arrival;
    if (this.#taken.has(key)) return;
    if (direction === 'run' && this.#undone.has(`${saga} ${step}`)) return;
    if (direction === 'compensate') this.#undone.add(`${saga} ${step}`);
    this.#taken.add(key);
    this.effects.push(arrival);
  }
}
