import { type Chance, chanceOf, hashOf, rollOf } from './chance.ts';

/**
 * How likely each fault is, from 0 to 1, each time it could happen: faults of processes and stores whenever a process calls
 * its store, faults of the network for each call between services. A run makes some hundreds of such calls. Each seed turns some
 * kinds off and others up (swarm testing, Groce et al. 2012), so that no kind always hides another.
 */
export interface FaultRates {
  /** A process dies before or after a call of its store, and starts anew. */
  readonly crash: number;
  /** A process is told to stop and drains, while its successor starts. */
  readonly restart: number;
  /** A process stands still, often for longer than its leases, and goes on as if nothing had happened. */
  readonly pause: number;
  /** The wall clock of a process jumps by up to an hour. */
  readonly clockStep: number;
  /** The clock that leases run on jumps by up to an hour. */
  readonly storeClockStep: number;
  /** The store refuses a call and does nothing. */
  readonly storeUnavailable: number;
  /** The store does what it was asked and the answer is lost. */
  readonly commitUnheard: number;
  /** A call between services never arrives. */
  readonly requestLost: number;
  /** A call is carried out and its answer never arrives. */
  readonly answerLost: number;
  /** The connection breaks: the caller knows at once that it will not know. */
  readonly connectionReset: number;
  /** A call arrives twice. */
  readonly duplicate: number;
  /** A call arrives so late that others overtake it, or the caller has gone. */
  readonly delay: number;
}

export type FaultKind = keyof FaultRates;

export const DEFAULT_RATES: FaultRates = {
  crash: 0.004,
  restart: 0.001,
  pause: 0.002,
  clockStep: 0.001,
  storeClockStep: 0.0005,
  storeUnavailable: 0.004,
  commitUnheard: 0.004,
  requestLost: 0.02,
  answerLost: 0.03,
  connectionReset: 0.02,
  duplicate: 0.03,
  delay: 0.03,
};

const OF_STORE_CALLS: readonly FaultKind[] = [
  'crash',
  'restart',
  'pause',
  'clockStep',
  'storeClockStep',
  'storeUnavailable',
  'commitUnheard',
];
const OF_MESSAGES: readonly FaultKind[] = ['requestLost', 'answerLost', 'connectionReset', 'duplicate', 'delay'];
const MOODS: readonly number[] = [0, 0.5, 1, 3];

/** A fault that struck. */
export interface Fault {
  /** Names the occasion at which it struck, so that a run can be repeated with this fault and without others. */
  readonly occasion: string;
  readonly kind: FaultKind;
  /** Decides the rest: how long, before or after. */
  readonly dice: Chance;
}

/**
 * Decides which of a run's many occasions go wrong. An occasion is the how-manieth time that one party does one thing, so whether
 * a fault strikes there does not depend on what others did or met before.
 */
export class Weather {
  /** All that struck, with what it hit, in order. */
  readonly struck: { readonly occasion: string; readonly what: string }[] = [];
  readonly #seed: number;
  readonly #rates: FaultRates;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #times = new Map<string, number>();
  #calm = false;

  constructor(seed: number, rates: FaultRates, only?: readonly string[]) {
    const mood = chanceOf(seed, 'mood');
    const entries = Object.entries(rates).map(([kind, rate]: [string, number]) => [kind, rate * mood.pick(MOODS)]);
    this.#seed = seed;
    this.#rates = Object.fromEntries(entries) as FaultRates;
    this.#only = only && new Set(only);
  }

  atStoreCall(what: string): Fault | undefined {
    return this.#calm ? undefined : this.#draw(OF_STORE_CALLS, what);
  }

  atMessage(what: string): Fault | undefined {
    return this.#calm ? undefined : this.#draw(OF_MESSAGES, what);
  }

  note({ occasion }: Fault, what: string): void {
    this.struck.push({ occasion, what });
  }

  /** From now on nothing goes wrong. */
  calm(): void {
    this.#calm = true;
  }

  #draw(kinds: readonly FaultKind[], what: string): Fault | undefined {
    const times = (this.#times.get(what) ?? 0) + 1;
    this.#times.set(what, times);
    const way = [what, times];
    let left = rollOf(this.#seed, ...way);
    const kind = kinds.find((one) => (left -= this.#rates[one]) < 0);
    if (!kind) return undefined;
    const occasion = hashOf(this.#seed, ['occasion', ...way]).toString(36);
    if (this.#only && !this.#only.has(occasion)) return undefined;
    return { occasion, kind, dice: chanceOf(this.#seed, 'dice', ...way) };
  }
}
