import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Agenda } from '../simulator/agenda.ts';
import type { Gate } from '../simulator/gated-store.ts';
import type { Process } from '../simulator/process.ts';

/** What bounds the number of orders: without bounds there are more than anybody can wait for. */
export interface Bounds {
  /** How often one process is interrupted by another although it could go on (context bounding, Musuvathi & Qadeer 2007). */
  readonly interruptions: number;
  /** How often so much time passes that every lease is over, although somebody could go on. */
  readonly lapses: number;
}

interface Waiting {
  readonly process: Process;
  readonly what: string;
  readonly go: () => void;
}

/** Looks that only say whether it is worth while to ask: whenever they come, what counts is decided later. */
const HINTS = /\.(?:nextWake|pauses|strangers|head)$/;
/** Longer than any lease. */
const LAPSE_MS = 31_000;
/** A run that takes more steps than this goes round in circles. */
const MOST_STEPS = 2_000;

/** Lets one call of one process happen after the other, in the order that a list of choices says. */
export class Conductor {
  /** How many ways there were to go on, and which was taken, each time there was more than one. */
  readonly taken: { readonly ways: number; readonly way: number }[] = [];
  readonly story: string[] = [];
  readonly #agenda: Agenda;
  readonly #choices: readonly number[];
  readonly #waiting: Waiting[] = [];
  readonly #left: { interruptions: number; lapses: number };
  #last: Process | undefined;
  #atWork = 0;

  constructor(agenda: Agenda, choices: readonly number[], bounds: Bounds) {
    this.#agenda = agenda;
    this.#choices = choices;
    this.#left = { ...bounds };
  }

  readonly gate: Gate = async (process, what, effect) => {
    if (!HINTS.test(what)) await new Promise<void>((go) => this.#waiting.push({ process, what, go }));
    this.#atWork += 1;
    try {
      return await effect();
    } finally {
      this.#atWork -= 1;
    }
  };

  /** Conducts until the work is done. */
  async run(isDone: () => Promise<boolean>): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      await this.#settle();
      if (await isDone()) return;
      const ways = this.#ways();
      if (ways.length === 0) {
        if (!this.#agenda.step(Infinity)) throw new Error('Everybody waits, and for nothing.');
      } else this.#choose(ways)();
    }
    throw new Error('It never ends.');
  }

  /** The last to have moved first: to let it go on costs nothing. The calls of one process happen in the order it made them. */
  #ways(): (() => void)[] {
    const own = this.#waiting.find(({ process }) => process === this.#last);
    const others = [...new Set(this.#waiting.map(({ process }) => process))].filter((one) => one !== this.#last);
    const interrupt = (other: Process) => (): void => {
      if (own) this.#left.interruptions -= 1;
      this.#admit(this.#waiting.find(({ process }) => process === other)!);
    };
    return [
      ...(own ? [() => this.#admit(own)] : []),
      ...(own && this.#left.interruptions === 0 ? [] : others.map(interrupt)),
      ...(this.#left.lapses > 0 && this.#waiting.length > 0 ? [() => this.#lapse()] : []),
    ];
  }

  #choose(ways: readonly (() => void)[]): () => void {
    if (ways.length === 1) return ways[0]!;
    const way = this.#choices[this.taken.length] ?? 0;
    this.taken.push({ ways: ways.length, way });
    return ways[way]!;
  }

  #admit(one: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    this.#last = one.process;
    this.story.push(`${one.process.name} ${one.what}`);
    one.go();
  }

  #lapse(): void {
    this.#left.lapses -= 1;
    this.story.push('leases end');
    this.#agenda.leap(LAPSE_MS);
    while (this.#agenda.step(this.#agenda.now));
  }

  async #settle(): Promise<void> {
    do await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.#atWork > 0 && (await nextTurn(true)));
  }
}
