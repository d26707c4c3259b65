import { type LinkedSignal, untilAborted } from './abort.ts';
import { FlotillaError } from './errors.ts';

/**
 * Items that may be left at any time. A generator that waits can't be told to return before its wait is over; here `return` aborts
 * the signal that the source waits with, so that the wait ends first. The signal lets go of its parent when the items end.
 */
export function leavable<TItem>(life: LinkedSignal, items: AsyncGenerator<TItem, void>): AsyncIterableIterator<TItem, void> {
  const release = (result: IteratorResult<TItem, void>): typeof result => {
    if (result.done) life[Symbol.dispose]();
    return result;
  };
  const fail = (thrown: unknown): never => {
    life[Symbol.dispose]();
    throw thrown;
  };
  return {
    next: () => items.next().then(release, fail),
    return: () => {
      life.abort(readerLeft());
      life[Symbol.dispose]();
      return items.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Reads on until the signal aborts, and fails then, whether or not the source knows of the signal. Whatever ends it ends the source. */
export async function* untilLeft<TItem>(source: AsyncIterable<TItem>, signal: AbortSignal): AsyncGenerator<TItem, void> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilAborted(signal, iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Nobody waits for its end: a source that does not know of the signal may take its time.
    iterator.return?.().catch(() => undefined);
  }
}

function readerLeft(): FlotillaError {
  return new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'The reader went away.' });
}
