/** Something that has a number while it is in the table. */
interface Numbered {
  readonly id: number;
}

const SMALLEST = 256;
const LARGEST = 2 ** 20;
/** A table that grew larger is given up when it is empty. */
const KEPT = 4_096;

/**
 * The calls in flight by their numbers. A `Map` would do, but each time that one rehashes under steady coming and going, V8
 * chains its old table to the new one; a single old table that outlived a scavenge then keeps all that follow it, with every
 * call in them, until the next full collection.
 */
export class CallTable<TCall extends Numbered> {
  #places: (TCall | undefined)[] = emptyPlaces(SMALLEST);
  /** Calls whose place was taken. There are hardly ever any. */
  readonly #others = new Map<number, TCall>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): TCall | undefined {
    const call = this.#places[id & (this.#places.length - 1)];
    if (call?.id === id) return call;
    return this.#others.size > 0 ? this.#others.get(id) : undefined;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** True for a number that shares its place with no call in the table: who gives numbers out passes over the others. */
  hasPlaceFor(id: number): boolean {
    return this.#places[id & (this.#places.length - 1)] === undefined;
  }

  /** Adds a call whose number is not in use. */
  add(call: TCall): void {
    if (this.#size * 2 >= this.#places.length && this.#size < LARGEST) this.#resize(this.#places.length * 2);
    this.#size++;
    this.#put(call);
  }

  delete(id: number): boolean {
    const place = id & (this.#places.length - 1);
    if (this.#places[place]?.id === id) this.#places[place] = undefined;
    else if (!this.#others.delete(id)) return false;
    this.#size--;
    if (this.#size === 0 && this.#places.length > KEPT) this.#places = emptyPlaces(SMALLEST);
    return true;
  }

  /** All of them, as they are now. */
  all(): TCall[] {
    return [...this.#places.filter((call) => call !== undefined), ...this.#others.values()];
  }

  #resize(length: number): void {
    const all = this.all();
    this.#places = emptyPlaces(length);
    this.#others.clear();
    for (const call of all) this.#put(call);
  }

  #put(call: TCall): void {
    const place = call.id & (this.#places.length - 1);
    if (this.#places[place] === undefined) this.#places[place] = call;
    else this.#others.set(call.id, call);
  }
}

function emptyPlaces<TCall>(length: number): (TCall | undefined)[] {
  return Array.from({ length });
}
