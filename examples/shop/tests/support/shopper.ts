import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Basket, basket, type Browser } from './browser.ts';
import type { Dice } from './dice.ts';

const PLENTY = ['TEA-DARJ-100', 'TEA-MINT-050', 'COF-FILT-500', 'KIT-SPOON-1', 'JAM-APRI-220'];
const RARE = 'KIT-KNIFE-20';
export const SKUS: readonly string[] = [...PLENTY, RARE];

// Most orders go well; some of each kind don't.
const TOKENS = [...Array.from({ length: 14 }, () => 'tok_visa'), 'tok_declined', 'tok_declined', 'tok_flaky', 'tok_timeout'];
const COUNTRIES = [...Array.from({ length: 9 }, () => 'DE'), 'XX'];
const PAUSE_MS = 10;

/** An order that the shop has acknowledged. */
export interface Acknowledged {
  orderId: string;
  shopper: Browser;
}

/**
 * Customers who place one order after the other, without a pause. An order that got no answer is placed again, with the same
 * Idempotency-Key, until it is acknowledged: nobody goes home without knowing.
 */
export class Crowd implements Disposable {
  /** What shoppers were told instead of an answer before they asked again. */
  readonly stumbles: string[] = [];
  readonly #closing = new AbortController();
  readonly #over = new AbortController();
  readonly #shopping: Promise<Acknowledged[]>[];

  constructor(shoppers: readonly Browser[], dice: Dice) {
    this.#shopping = shoppers.map((shopper) => this.#shop(shopper, dice.fork()));
    for (const one of this.#shopping) one.catch(() => undefined); // Told by `trouble` and `goHome`.
  }

  /** Never resolves; rejects as soon as a shopper gets an answer that nobody should get. */
  async trouble(): Promise<void> {
    await Promise.all(this.#shopping);
  }

  /** Lets everybody finish the order they are at. */
  async goHome(): Promise<Acknowledged[]> {
    this.#closing.abort();
    return (await Promise.all(this.#shopping)).flat();
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#over.abort();
  }

  async #shop(shopper: Browser, dice: Dice): Promise<Acknowledged[]> {
    const acknowledged: Acknowledged[] = [];
    while (!this.#closing.signal.aborted) {
      const orderId = await this.#placeForCertain(shopper, randomBasket(dice));
      acknowledged.push({ orderId, shopper });
    }
    return acknowledged;
  }

  async #placeForCertain(shopper: Browser, order: Basket): Promise<string> {
    const key = { 'idempotency-key': randomUUID() };
    for (;;) {
      try {
        const { status, body } = await shopper.post('/api/orders', order, key);
        if (status === 202) return body.orderId;
        if (status < 500) throw new Error(`An order was answered ${status}: ${JSON.stringify(body)}`);
        this.stumbles.push(`${status} ${body.code}`);
      } catch (error) {
        // A TypeError says that the connection failed: the shop was just killed. What it did, nobody knows.
        if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
        this.stumbles.push(error.message);
      }
      await setTimeout(PAUSE_MS, undefined, { signal: this.#over.signal });
    }
  }
}

function randomBasket(dice: Dice): Basket {
  const skus = new Set([dice.oneOf(PLENTY), dice.between(1, 20) === 1 ? RARE : dice.oneOf(PLENTY)]);
  const lines = [...skus].map((sku) => ({ sku, quantity: dice.between(1, 3) }));
  return basket({ lines, paymentToken: dice.oneOf(TOKENS), country: dice.oneOf(COUNTRIES) });
}
