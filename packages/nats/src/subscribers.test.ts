import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep, systemRuntime, untilAborted } from 'flotilla/kernel';
import type { Deliver } from 'flotilla/messaging';
import { createFakeRuntime } from 'flotilla/testing';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { openMail, outOfOrder } from './test/mail.ts';
import { keyOf, message, numbers, openOrders, PLACED } from './test/orders.ts';
import { type NatsPlace, openNats, withoutNats } from './testing/index.ts';

const skip = withoutNats();
let url: string;
let nats: NatsPlace | undefined;

before(async () => {
  if (skip === false) ({ url } = nats = await openNats());
});
after(() => nats?.[Symbol.asyncDispose]());

/** A system of its own for each test, so that they share a server. */
const ownSystem = (): { system: string } => ({ system: nats!.newSystem() });
const ascending = (left: number, right: number): number => left - right;

test('a subscriber that is stuck holds up nobody else, and is given one batch and no more', { skip }, async () => {
  const subscribers = new Map([
    ['mail', [PLACED]],
    ['stuck', [PLACED]],
  ]);
  await using bus = openBus(url, { subscribers, ...ownSystem() });
  await using mail = await openMail();
  await using shop = await openOrders(bus);
  const given: number[] = [];
  const stuck = Promise.withResolvers<void>();
  bus.subscribe('mail', [PLACED], mail.deliver);
  bus.subscribe('stuck', [PLACED], (batch, signal) => (given.push(batch.length), untilAborted(signal, stuck.promise)));
  for (let placed = 0; placed < 3_000; placed += 500) await shop.place(numbers(500, placed));
  await eventually(async () => (await mail.count()) === 3_000);
  assert.equal(given.length, 1);
  assert.equal(await shop.cursor('stuck'), 0);
  stuck.resolve();
  await eventually(() => given.reduce((sum, size) => sum + size) === 3_000);
});

test('a publisher whose events nobody takes says so after half a minute', { skip }, async () => {
  const runtime = createFakeRuntime();
  await using bus = openBus(url, { ...ownSystem(), runtime });
  await eventually(() => bus.health('orders').status === 'UP');
  const leave = new AbortController();
  const publishing = bus.publish('mail', [message(1)], leave.signal).catch(() => undefined);
  await runtime.clock.advance(29_000);
  assert.equal(bus.health('orders').status, 'UP');
  await runtime.clock.advance(2_000);
  assert.deepEqual(bus.health('orders').components!['outlet'], {
    status: 'DEGRADED',
    reason: 'Events wait for mail for more than 30 s.',
  });
  assert.equal(bus.health('payments').status, 'UP');
  leave.abort();
  await publishing;
});

test('a poisonous message is parked and its key waits behind it; the rest flows', { skip }, async () => {
  await using bus = openBus(url, ownSystem());
  await using mail = await openMail();
  await using shop = await openOrders(bus);
  mail.poisonous.add(7);
  bus.subscribe('mail', [PLACED], mail.deliver);
  await shop.place(numbers(100));
  const behind = numbers(100).filter((number) => keyOf(number) === keyOf(7));
  await eventually(async () => (await mail.count()) === 100 - behind.length);
  await eventually(async () => (await mail.inbox.parked(100)).length === behind.length);
  mail.poisonous.clear();
  const [first] = (await mail.inbox.parked(100)).toSorted((left, right) => left.at - right.at);
  await mail.inbox.unpark('mail', first!.messageId);
  assert.deepEqual((await mail.handled()).toSorted(ascending), numbers(100));
  assert.deepEqual(outOfOrder(await mail.handled()), []);
});

test('a subscriber that joins later gets everything since the log began', { skip }, async () => {
  const own = ownSystem();
  await using before_ = openBus(url, { ...own, subscribers: new Map([['audit', [PLACED]]]) });
  await using shop = await openOrders(before_);
  before_.subscribe('audit', [PLACED], () => Promise.resolve());
  await shop.place(numbers(30));
  await eventually(async () => (await shop.cursor('audit')) === (await shop.head()));

  await using now = openBus(url, own);
  await using mail = await openMail();
  now.subscribe('mail', [PLACED], mail.deliver);
  await using _relay = shop.openRelay(now);
  await eventually(async () => (await mail.count()) === 30);
  assert.deepEqual(await mail.handled(), numbers(30));
});

test('instances of one subscriber share the work of many publishers, one batch at a time, in order', { skip }, async () => {
  const own = ownSystem();
  await using first = openBus(url, own);
  await using second = openBus(url, own);
  const handled: string[] = [];
  const takers = new Set<string>();
  let atOnce = 0;
  let mostAtOnce = 0;
  const counted =
    (instance: string): Deliver =>
    async (batch) => {
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      await sleep(systemRuntime.clock, 5);
      handled.push(...batch.map(({ id }) => id));
      takers.add(instance);
      atOnce -= 1;
    };
  first.subscribe('mail', [PLACED], counted('first'));
  second.subscribe('mail', [PLACED], counted('second'));
  const publish = (number: number): Promise<void> => first.publish('mail', [message(number)], new AbortController().signal);
  await Promise.all(numbers(40).map(publish));
  assert.deepEqual(handled, numbers(40).map(String));
  assert.deepEqual([mostAtOnce, takers.size], [1, 2]);
});

test('an instance that stops under way hands its batch to another one', { skip }, async () => {
  const own = ownSystem();
  await using dying = openBus(url, own);
  await using mail = await openMail();
  await using shop = await openOrders(dying);
  let asked = false;
  const intake = dying.subscribe('mail', [PLACED], (_batch, signal) => {
    asked = true;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  await shop.place(numbers(10));
  await eventually(() => asked);
  await using next = openBus(url, own);
  next.subscribe('mail', [PLACED], mail.deliver);
  await intake[Symbol.asyncDispose]();
  await eventually(async () => (await mail.count()) === 10);
});

test('a batch that takes longer than a server waits is not given to anybody else', { skip }, async () => {
  await using bus = openBus(url, ownSystem());
  await using shop = await openOrders(bus);
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  bus.subscribe('mail', [PLACED], (_batch, signal) => ((asked += 1), untilAborted(signal, slow.promise)));
  await shop.place([1]);
  const { clock } = systemRuntime;
  await eventually(() => asked === 1);
  const until = clock.monotonic() + 5_000;
  await eventually(() => clock.monotonic() > until);
  slow.resolve();
  await eventually(async () => (await shop.cursor('mail')) > 0);
  assert.equal(asked, 1);
});

test('an acknowledgement that comes late, after another instance took over, does no harm', { skip }, async () => {
  const own = ownSystem();
  // Its clock stands still, so it never says that it is still at work.
  await using frozen = openBus(url, { ...own, runtime: createFakeRuntime() });
  await using mail = await openMail();
  const thaw = Promise.withResolvers<void>();
  let frozenHas = 0;
  frozen.subscribe('mail', [PLACED], async (batch, signal) => {
    frozenHas += 1;
    await untilAborted(signal, thaw.promise);
    await mail.deliver(batch, signal);
  });
  await using bus = openBus(url, own);
  await using shop = await openOrders(bus);
  await shop.place(numbers(10));
  await eventually(() => frozenHas === 1);
  bus.subscribe('mail', [PLACED], mail.deliver);
  await eventually(async () => (await mail.count()) === 10);
  await shop.place(numbers(10, 10));
  thaw.resolve();
  await shop.place(numbers(10, 20));
  await eventually(async () => (await mail.count()) === 30);
  assert.deepEqual(await mail.handled(), numbers(30));
});
