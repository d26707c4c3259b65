import { untilAborted } from 'flotilla/kernel';
import { ProviderBooks } from './books.ts';
import type { Charge, PaymentProvider, Verdict } from './provider.ts';

/**
 * A payment provider for shops without one. Its tokens are its moods: `tok_visa` is charged, `tok_declined` refused,
 * `tok_flaky` finds the provider away twice, `tok_timeout` is never answered. Any other card is unknown.
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

const FAILURES_OF_FLAKY = 2;

const MOODS: Readonly<Record<string, Mood>> = {
  tok_visa: (charge, { books }) => take(books, charge),
  tok_declined: decline('card refused'),
  tok_flaky: (charge, { books }) =>
    books.countAttempt(charge.reference) <= FAILURES_OF_FLAKY ? { status: 'unavailable' } : take(books, charge),
  tok_timeout: (charge, { books, signal }) => {
    // The worst that silence can mean: every other time the money was taken.
    if (charge.amount % 2 === 0) take(books, charge);
    return untilAborted(signal, new Promise(() => undefined));
  },
};

function decline(why: string): Mood {
  return () => ({ status: 'declined', why });
}

function take(books: ProviderBooks, charge: Charge): Verdict {
  return books.take(charge) ? { status: 'charged' } : { status: 'declined', why: 'payment was called off' };
}
