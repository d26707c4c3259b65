import { sleep, systemClock, untilAborted } from 'flotilla/kernel';
import { ProviderBooks } from './books.ts';
import type { Charge, PaymentProvider, Verdict } from './provider.ts';

/**
 * A payment provider for shops without one. Its tokens are its moods: `tok_visa` is charged, `tok_declined` refused,
 * `tok_flaky` finds the provider away twice; `tok_slow` is answered late unless it is asked again, `tok_timeout`
 * never; `tok_heavy` keeps the whole process busy, as a library that computes would. Any other card is unknown.
 */
export function createStandInProvider(books: ProviderBooks): PaymentProvider {
  return {
    charge: async (charge, signal) => await (MOODS[charge.token] ?? decline('unknown card'))(charge, { books, signal }),
    refund: async (reference) => books.giveBack(reference),
  };
}

/** The stand-in whose books are in this file: opened once, as there is only one outside world. */
export function standInProvider(path: string): PaymentProvider {
  let provider = open.get(path);
  if (!provider) open.set(path, (provider = createStandInProvider(new ProviderBooks(path))));
  return provider;
}

const open = new Map<string, PaymentProvider>();

type Mood = (charge: Charge, at: { books: ProviderBooks; signal: AbortSignal }) => Promise<Verdict> | Verdict;

const SLOW_MS = 700;
const BUSY_MS = 500;

const MOODS: Readonly<Record<string, Mood>> = {
  tok_visa: (charge, { books }) => take(books, charge),
  tok_declined: decline('card refused'),
  tok_flaky: away(2),
  tok_slow: async (charge, { books, signal }) => {
    if (books.countAttempt(charge.reference) === 1) await sleep(systemClock, SLOW_MS, signal);
    return take(books, charge);
  },
  tok_heavy: (charge, { books }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
    return take(books, charge);
  },
  tok_timeout: (charge, { books, signal }) => {
    // The worst that silence can mean: every other time the money was taken.
    if (charge.amount % 2 === 0) take(books, charge);
    return untilAborted(signal, new Promise(() => undefined));
  },
};

function away(times: number): Mood {
  return (charge, { books }) => (books.countAttempt(charge.reference) <= times ? { status: 'unavailable' } : take(books, charge));
}

function decline(why: string): Mood {
  return () => ({ status: 'declined', why });
}

function take(books: ProviderBooks, charge: Charge): Verdict {
  return books.take(charge) ? { status: 'charged' } : { status: 'declined', why: 'payment was called off' };
}
