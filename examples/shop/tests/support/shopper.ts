import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Basket, basket, type Browser } from './browser.ts';
import type { Dice } from './dice.ts';

export const SKUS = ['TEA-DARJ-100', 'TEA-MINT-050', 'COF-FILT-500', 'KIT-SPOON-1', 'KIT-KNIFE-20', 'JAM-APRI-220'] as const;
// Most orders go well; some of each kind don't.
const TOKENS = [...Array.from({ length: 14 }, () => 'tok_visa'), 'tok_declined', 'tok_declined', 'tok_flaky', 'tok_timeout'];
const COUNTRIES = [...Array.from({ length: 9 }, () => 'DE'), 'XX'];
const PAUSE_MS = 30;

/** An order that the shop has acknowledged. */
export interface Acknowledged {
  orderId: string;
  shopper: Browser;
}

interface Shopping {
  shopper: Browser;
  dice: Dice;
  signal: AbortSignal;
}

/**
 * Places one order after the other until the signal aborts. An order that got no answer is placed again, with the same
 * Idempotency-Key, until it is acknowledged: nobody leaves without knowing.
 */
export async function keepShopping({ shopper, dice, signal }: Shopping): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  while (!signal.aborted) {
    acknowledged.push({ orderId: await placeForCertain(shopper, randomBasket(dice)), shopper });
  }
  return acknowledged;
}

function randomBasket(dice: Dice): Basket {
  const skus = new Set([dice.oneOf(SKUS), dice.oneOf(SKUS)]);
  const lines = [...skus].map((sku) => ({ sku, quantity: dice.between(1, 3) }));
  return basket({ lines, paymentToken: dice.oneOf(TOKENS), country: dice.oneOf(COUNTRIES) });
}

async function placeForCertain(shopper: Browser, order: Basket): Promise<string> {
  const key = { 'idempotency-key': randomUUID() };
  for (;;) {
    try {
      const { status, body } = await shopper.post('/api/orders', order, key);
      if (status === 202) return body.orderId;
      if (status < 500) throw new Error(`An order was answered ${status}: ${JSON.stringify(body)}`);
    } catch (error) {
      // A TypeError says that the connection failed: the shop was just killed. What it did, nobody knows.
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}
