/** Something that somebody outside wants of a process, and asks for again until it is acknowledged. */
export class Wish {
  granted = false;
  #asking = false;
  readonly #ask: () => Promise<boolean>;

  /** `ask` resolves with whether there is nothing left to ask for. */
  constructor(ask: () => Promise<boolean>) {
    this.#ask = ask;
  }

  /** Asks unless it was granted or an answer is still to come; true when it asked. */
  press(): boolean {
    if (this.granted || this.#asking) return false;
    this.#asking = true;
    this.#ask()
      .then((granted) => (this.granted = granted))
      .catch(() => undefined)
      .finally(() => (this.#asking = false));
    return true;
  }

  /** Whoever was asked is dead. */
  forget(): void {
    this.#asking = false;
  }
}
