import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { until } from './until.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** What JSON says; tests look into it freely. */
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

interface Order {
  orderId: string;
  status: 'pending' | 'confirmed' | 'cancelled';
  total: number;
  currency: string;
  lines: { sku: string; quantity: number; price: number }[];
  history: { type: string; at: string }[];
  reason?: string;
}

export interface Basket {
  lines: { sku: string; quantity: number }[];
  paymentToken: string;
  shipTo: { name: string; street: string; city: string; country: string };
}

/** A basket that can be bought, unless told otherwise. */
export function basket(but: { lines?: Basket['lines']; paymentToken?: string; country?: string } = {}): Basket {
  const { lines = [{ sku: 'TEA-DARJ-100', quantity: 2 }], paymentToken = 'tok_visa', country = 'DE' } = but;
  return { lines, paymentToken, shipTo: { name: 'Ada', street: 'Quay 1', city: 'Hamburg', country } };
}

/** Somebody in front of the shop's public address; signed in once there is a token. */
export class Browser {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Registers a new customer and signs in. */
  static async signedIn(url: string): Promise<Browser> {
    const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    const stranger = new Browser(url);
    assert.equal((await stranger.post('/api/users', { ...credentials, name: 'Ada' })).status, 201);
    const { status, body } = await stranger.post('/api/sessions', credentials);
    assert.equal(status, 200);
    return new Browser(url, body.token);
  }

  async get(path: string): Promise<Answer> {
    return await this.send(path, {});
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = { 'content-type': 'application/json', ...headers };
    return await this.send(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  }

  async send(path: string, request: RequestInit): Promise<Answer> {
    const authorization = this.#token === undefined ? undefined : { authorization: `Bearer ${this.#token}` };
    const headers = { ...authorization, ...(request.headers as Record<string, string>) };
    const response = await fetch(new URL(path, this.#url), { redirect: 'manual', ...request, headers });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Places an order that the shop accepts. */
  async place(order: Basket = basket()): Promise<string> {
    const { status, body } = await this.post('/api/orders', order);
    assert.equal(status, 202, JSON.stringify(body));
    return body.orderId;
  }

  async order(orderId: string): Promise<Order> {
    const { status, body } = await this.get(`/api/orders/${orderId}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  /** The order once it is no longer pending. */
  async settled(orderId: string): Promise<Order> {
    return await until(`order ${orderId} is settled`, async () => {
      const order = await this.order(orderId);
      return order.status === 'pending' ? undefined : order;
    });
  }

  /** What is told about an order until nothing more will happen to it. */
  async followed(orderId: string): Promise<Pick<Order, 'status' | 'history'>[]> {
    const { status, headers, body } = await this.get(`/api/orders/${orderId}/events`);
    assert.deepEqual([status, headers.get('content-type')], [200, 'text/event-stream'], JSON.stringify(body));
    const events = String(body).split('\n\n');
    assert.deepEqual(events.splice(-2), ['event: end\ndata: null', '']);
    return events.map((event) => JSON.parse(event.slice('data: '.length)));
  }

  /** The order once something happened to it. */
  async happened(orderId: string, type: string): Promise<Order> {
    return await until(`${type} is in the history of ${orderId}`, async () => {
      const order = await this.order(orderId);
      return order.history.some((entry) => entry.type === type) ? order : undefined;
    });
  }

  async stock(sku: string): Promise<{ available: number; reserved: number }> {
    const { status, body } = await this.get(`/api/stock/${sku}`);
    assert.equal(status, 200, JSON.stringify(body));
    return { available: body.available, reserved: body.reserved };
  }

  /** The whole of a list that comes in pages. */
  async all<TItem>(path: string): Promise<TItem[]> {
    const items: TItem[] = [];
    let cursor = '';
    do {
      const separator = path.includes('?') ? '&' : '?';
      const { status, body } = await this.get(path + (cursor && `${separator}cursor=${encodeURIComponent(cursor)}`));
      assert.equal(status, 200, JSON.stringify(body));
      items.push(...body.items);
      cursor = body.next;
    } while (cursor);
    return items;
  }
}
