import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpPools } from 'flotilla/transport';

const LOOK_EVERY_MS = 50;
const SKUS = ['TEA-DARJ-100', 'TEA-MINT-050', 'COF-FILT-500', 'KIT-SPOON-1', 'JAM-APRI-220', 'MUG-BLUE-1'];
const shipTo = { name: 'Ada', street: 'Quay 1', city: 'Hamburg', country: 'DE' };

interface Order {
  readonly status: 'pending' | 'confirmed' | 'cancelled';
  readonly history: readonly { readonly type: string; readonly at: string }[];
}

/** How one order went. */
export interface Bought {
  /** Until the shop had taken the order, as the customer saw it. */
  readonly acceptedMs: number;
  /** Between the two events, by the shop's own clock: the pauses between looks don't blur it. */
  readonly confirmedMs: number;
  /** How often the customer asked for the order. */
  readonly looks: number;
}

/** Somebody signed in at the shop's public address. */
export class Customer {
  readonly #pools: HttpPools;
  readonly #origin: string;
  #token = '';

  private constructor(pools: HttpPools, origin: string) {
    this.#pools = pools;
    this.#origin = origin;
  }

  static async signedIn(pools: HttpPools, origin: string): Promise<Customer> {
    const customer = new Customer(pools, origin);
    const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    await customer.#send('POST', '/api/users', { ...credentials, name: 'Ada' });
    const { token } = await customer.#send<{ token: string }>('POST', '/api/sessions', credentials);
    customer.#token = token;
    return customer;
  }

  /** Places an order of two lines and looks after it until it is confirmed. */
  async buy(): Promise<Bought> {
    const first = Math.floor(Math.random() * SKUS.length);
    const lines = [first, (first + 1) % SKUS.length].map((index) => ({ sku: SKUS[index], quantity: 1 }));
    const start = performance.now();
    const { orderId } = await this.#send<{ orderId: string }>('POST', '/api/orders', { lines, paymentToken: 'tok_visa', shipTo });
    const acceptedMs = performance.now() - start;
    for (let looks = 1; ; looks += 1) {
      await sleep(LOOK_EVERY_MS);
      const order = await this.#send<Order>('GET', `/api/orders/${orderId}`);
      if (order.status === 'confirmed') return { acceptedMs, confirmedMs: confirmedAfter(order), looks };
      if (order.status === 'cancelled') throw new Error(`Order ${orderId} was cancelled.`);
    }
  }

  async #send<TBody>(method: string, path: string, body?: unknown): Promise<TBody> {
    const headers = { 'content-type': 'application/json', ...(this.#token && { authorization: `Bearer ${this.#token}` }) };
    const content = body === undefined ? undefined : JSON.stringify(body);
    const { signal } = new AbortController();
    const answer = await this.#pools.request({ origin: this.#origin, path, method, headers, body: content, signal });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
    return JSON.parse(text) as TBody;
  }
}

function confirmedAfter({ history }: Order): number {
  const at = (type: string): number => Date.parse(history.find((entry) => entry.type === type)!.at);
  return at('OrderConfirmed') - at('OrderPlaced');
}
