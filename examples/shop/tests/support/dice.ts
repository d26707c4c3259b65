/** Chance that a seed can repeat (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0, and less than 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number between the two, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.roll() * (most - least + 1));
  }

  oneOf<TItem>(items: readonly TItem[]): TItem {
    return items[this.between(0, items.length - 1)]!;
  }

  /** Dice of their own for somebody else, so that who throws first changes nothing. */
  fork(): Dice {
    return new Dice(this.between(0, 2 ** 32 - 1));
  }
}
