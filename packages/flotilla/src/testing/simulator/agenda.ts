/** Something that happens at its time, unless it is called off before. */
export interface Appointment extends Disposable {
  /** Milliseconds since the simulation began. */
  readonly at: number;
}

interface Entry extends Appointment {
  readonly order: number;
  act: (() => void) | undefined;
}

/** Virtual time: what is to happen, in the order of its time, and at equal times in the order it was entered. */
export class Agenda {
  #now = 0;
  #entered = 0;
  #heap: Entry[] = [];

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  in(delayMs: number, act: () => void): Appointment {
    const entry: Entry = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#entered++,
      act,
      [Symbol.dispose]: () => void (entry.act = undefined),
    };
    this.#push(entry);
    return entry;
  }

  /** Lets the next thing happen, moving time up to it; false when nothing is left before the given time. */
  step(until: number): boolean {
    for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      if (!next.act) continue;
      this.#now = Math.max(this.#now, next.at);
      next.act();
      return true;
    }
    return false;
  }

  /** Time passes and nothing happens in it, as on a machine that was suspended: what came due happens late, each once. */
  leap(ms: number): void {
    this.#now += ms;
  }

  reset(): void {
    this.#heap = [];
    this.#now = this.#entered = 0;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(entry, heap[above]!)) break;
      heap[place] = heap[above]!;
      place = above;
    }
    heap[place] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let place = 0;
    for (let below = 1; below < heap.length; below = 2 * place + 1) {
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, last)) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = last;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
