import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { basket, Browser } from './support/browser.ts';
import { Shop } from './support/shop.ts';
import { until } from './support/until.ts';

const CLI = join(import.meta.dirname, '../../../packages/cli/bin/flotilla.js');

let shop: Shop;
let orderId: string;

before(async () => {
  shop = await Shop.open();
  const customer = await Browser.signedIn(shop.url);
  ({ orderId } = (await customer.post('/api/orders', basket())).body as { orderId: string });
  await until('the order has run to its end', async () => (await stream()).version === 6);
});
after(async () => await shop[Symbol.asyncDispose]());

async function flotilla(...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [CLI, ...args, '--data', shop.data])).stdout;
}

async function json<TLine>(...args: string[]): Promise<TLine[]> {
  const lines = (await flotilla(...args, '--json')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as TLine);
}

interface Stream {
  version: number;
  state: { status: string; history: { at: number }[] };
  events: { type: string; at: number }[];
}

async function stream(...options: string[]): Promise<Stream> {
  return (await json<Stream>('events', 'show', `order:${orderId}`, ...options))[0]!;
}

interface Build {
  projection: string;
  build: number;
  status: string;
  lag: number;
}

test('an operator sees an order as it is, as it was at a version and as it was at a time', async () => {
  const now = await stream();
  assert.deepEqual([now.state.status, now.events.length], ['confirmed', 6]);
  const atFirst = await stream('--at', '1');
  assert.deepEqual([atFirst.state.status, atFirst.events.map(({ type }) => type)], ['pending', ['OrderPlaced']]);
  const placedAt = now.events[0]!.at;
  assert.equal((await stream('--at', new Date(placedAt - 1).toISOString())).version, 0);
  assert.ok((await stream('--at', new Date(placedAt).toISOString())).version >= 1);
  assert.match(await flotilla('events', 'show', `order:${orderId}`), /OrderPlaced v2 .*"total":/);
});

test('an operator reads one kind of stream, and nothing else', async () => {
  const tail = ['events', 'tail', 'orders', '--from', '0', '--follow', 'false', '--stream'];
  const orders = await json<{ stream: string }>(...tail, 'order:');
  assert.equal(orders.length, 6);
  assert.ok(orders.every(({ stream: name }) => name === `order:${orderId}`));
  assert.deepEqual(await json(...tail, 'orderly:'), []);
});

test('a stream that is not there, and a moment that is none, are told apart', async () => {
  await assert.rejects(flotilla('events', 'show', 'order:nobody'), { code: 1, stderr: /No service has a stream 'order:nobody'/ });
  await assert.rejects(flotilla('events', 'show', 'order:x', '--at', 'noon'), { code: 2 });
});

test('a read model is built anew while it is read, and takes over', async () => {
  const summaries = async (): Promise<Build[]> =>
    (await json<Build>('projections')).filter(({ projection }) => projection === 'order-summaries');
  assert.deepEqual(
    (await summaries()).map(({ build, status, lag }) => [build, status, lag]),
    [[1, 'active', 0]],
  );
  await flotilla('projections', 'rebuild', 'order-summaries');
  await until('the new build has taken over', async () => (await summaries())[1]?.status === 'active');
  assert.match(await flotilla('projections'), /order-summaries +orders +2 +1 +active/);
  const customer = await Browser.signedIn(shop.url);
  assert.equal((await customer.get('/api/orders')).status, 200);
});

test('what can not be built or unparked says why', async () => {
  await assert.rejects(flotilla('projections', 'rebuild', 'weather'), { code: 1, stderr: /There is: order-summaries/ });
  await assert.rejects(flotilla('projections', 'unpark', 'order-summaries', `order:${orderId}`), {
    code: 1,
    stderr: /is not parked for projection 'order-summaries'/,
  });
});
