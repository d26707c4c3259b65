const BUCKETS = 10;

/** Counts calls and failures of the last while, in ten buckets. Every operation takes constant time. */
export class OutcomeWindow {
  readonly #bucketMs: number;
  readonly #calls = new Uint32Array(BUCKETS);
  readonly #failures = new Uint32Array(BUCKETS);
  #bucket: number;
  #place: number;
  /** When the present bucket is full of time. */
  #end: number;
  calls = 0;
  failures = 0;

  constructor(windowMs: number, now: number) {
    this.#bucketMs = windowMs / BUCKETS;
    this.#bucket = Math.floor(now / this.#bucketMs);
    this.#place = this.#bucket % BUCKETS;
    this.#end = (this.#bucket + 1) * this.#bucketMs;
  }

  record(failed: boolean, now: number): void {
    if (now >= this.#end) this.#turn(now);
    this.#calls[this.#place]! += 1;
    this.calls += 1;
    if (!failed) return;
    this.#failures[this.#place]! += 1;
    this.failures += 1;
  }

  /** Goes on to the bucket of `now` and empties those that left the window on the way. */
  #turn(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    const first = Math.max(this.#bucket + 1, bucket - BUCKETS + 1);
    for (let gone = first; gone <= bucket; gone += 1) {
      const place = gone % BUCKETS;
      this.calls -= this.#calls[place]!;
      this.failures -= this.#failures[place]!;
      this.#calls[place] = this.#failures[place] = 0;
    }
    this.#bucket = bucket;
    this.#place = bucket % BUCKETS;
    this.#end = (bucket + 1) * this.#bucketMs;
  }
}
