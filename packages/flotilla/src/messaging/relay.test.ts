import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { aggregate, openUnit } from '../log/index.ts';
import type { Store, StoredEvent } from '../store/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore, until, withMethods } from '../testing/index.ts';
import { type Bus, createInbox, createRelay, directBus, type EventMessage, type Relay, type Subscription } from './index.ts';

const orders = contract('orders', {
  version: '1.0.0',
  team: 'checkout',
  events: {
    OrderPlaced: { version: 1, schema: z.object({ number: z.int() }) },
    OrderPaid: { version: 1, schema: z.object({ number: z.int() }) },
  },
});
const order = aggregate<number, { type: 'OrderPlaced' | 'Noted'; data: { number: number } }>('order', {
  initial: 0,
  evolve: (count) => count + 1,
});

/** What the subscribers of a test have received, and how they answer. */
class Subscribers {
  readonly received = new Map<string, number[]>();
  answer: (target: string) => Promise<void> = () => Promise.resolve();

  of(target: string): number[] {
    return this.received.get(target) ?? [];
  }

  async take(target: string, batch: readonly EventMessage<unknown>[]): Promise<void> {
    await this.answer(target);
    // The events of these tests all carry a number.
    const numbers = batch.map(({ data }) => (data as { number: number }).number);
    this.received.set(target, [...this.of(target), ...numbers]);
  }
}

async function publisher(wants: Record<string, string[]> = { mail: ['orders.OrderPlaced'] }) {
  const runtime = createFakeRuntime();
  const { store, ...temporary } = await openTemporaryStore({ runtime });
  const subscribers = new Subscribers();
  const bus = directBus({
    subscribers: new Map(Object.entries(wants)),
    runtime,
    call: ({ service, input }) => subscribers.take(service, (input as { batch: EventMessage[] }).batch),
  });
  return {
    ...temporary,
    store: store as Store,
    clock: runtime.clock,
    runtime,
    bus,
    subscribers,
    relay: (owner: string, parts: { store?: Store; bus?: Bus } = {}): Relay =>
      createRelay({ store: store as Store, bus, contract: orders, runtime, log: silentLogger, owner, ...parts }),
    cursor: (target = 'mail') => store.transact((tx) => tx.cursors.position(`relay:${target}`)),
    /** Places an order for each number, in one transaction. */
    place: (...numbers: number[]) =>
      store.transact(async (tx) => {
        const { unit, flush } = openUnit({ tx, contract: orders, runtime, origin: { correlationId: 'c' } });
        for (const number of numbers) unit.emit('OrderPlaced', { number });
        await flush();
        return await tx.events.append({ events: [] });
      }),
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('events reach their subscribers in order as soon as they are committed', async () => {
  await using here = await publisher();
  await using relay = here.relay('a');
  relay.start();
  await here.place(1, 2);
  await here.place(3);
  await until(() => here.subscribers.of('mail').length === 3);
  assert.deepEqual(here.subscribers.of('mail'), [1, 2, 3]);
  assert.equal(relay.health().status, 'UP');
});

test('private events and those the target does not want never leave', async () => {
  await using here = await publisher({
    mail: ['orders.OrderPlaced', 'orders.Noted', 'users.OrderPaid'],
    books: ['orders.OrderPaid'],
  });
  await using relay = here.relay('a');
  relay.start();
  await here.store.transact(async (tx) => {
    const { unit, flush } = openUnit({ tx, contract: orders, runtime: here.runtime, origin: { correlationId: 'c' } });
    await unit.change(order, 'o1', () => [
      { type: 'Noted', data: { number: 1 } },
      { type: 'OrderPlaced', data: { number: 2 } },
      { type: 'Noted', data: { number: 3 } },
    ]);
    unit.emit('OrderPaid', { number: 4 });
    await flush();
  });
  await until(() => here.subscribers.of('books').length > 0 && here.subscribers.of('mail').length > 0);
  assert.deepEqual([here.subscribers.of('mail'), here.subscribers.of('books')], [[2], [4]]);
});

test('events leave in the present version of their schema', async () => {
  await using here = await publisher();
  await here.place(1);
  const present = (event: StoredEvent): StoredEvent => ({ ...event, schemaVersion: 2, data: { number: 41 } });
  const { store, bus, runtime } = here;
  await using relay = createRelay({ store, bus, contract: orders, runtime, log: silentLogger, owner: 'a', present });
  relay.start();
  await until(() => here.subscribers.of('mail').length === 1);
  assert.deepEqual(here.subscribers.of('mail'), [41]);
});

test('a long log goes out in batches of at most 500', async () => {
  await using here = await publisher();
  await here.place(...range(1_100));
  const sizes: number[] = [];
  const bus = withMethods(here.bus, {
    publish: (target, batch, signal) => {
      sizes.push(batch.length);
      return here.bus.publish(target, batch, signal);
    },
  });
  await using relay = here.relay('a', { bus });
  relay.start();
  await until(() => here.subscribers.of('mail').length === 1_100);
  assert.deepEqual([sizes, here.subscribers.of('mail')], [[500, 500, 100], range(1_100)]);
});

test('a relay that dies between publishing and moving its cursor publishes again, and the inbox drops the repeat', async () => {
  await using here = await publisher();
  await using mail = await openTemporaryStore({ service: 'mail', runtime: here.runtime });
  const handled: unknown[] = [];
  const subscription: Subscription = { event: orders.events.OrderPlaced, handle: ({ data }) => handled.push(data) };
  const inbox = createInbox({
    store: mail.store as Store,
    service: 'mail',
    subscriptions: [subscription],
    context: async (tx) => ({ context: tx, finish: () => Promise.resolve() }),
    runtime: here.runtime,
    log: silentLogger,
  });
  let published = 0;
  const bus = withMethods(here.bus, {
    publish: async (_target, batch, signal) => {
      await inbox.deliver(batch, signal);
      published += batch.length;
      if (published === batch.length) throw new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'killed' });
    },
  });
  const dying = here.relay('a', { bus });
  dying.start();
  await here.place(1, 2, 3);
  await until(() => published === 3);
  await dying[Symbol.asyncDispose]();
  assert.equal(await here.cursor(), 0);

  await using next = here.relay('b', { bus });
  next.start();
  await until(async () => (await here.cursor()) > 0);
  assert.deepEqual([published, handled], [6, [{ number: 1 }, { number: 2 }, { number: 3 }]]);
});

test('of two relays on one database only one publishes', async () => {
  await using here = await publisher();
  const publishers = new Set<string>();
  const noted = (owner: string): Bus =>
    withMethods(here.bus, {
      publish: (target, batch, signal) => {
        publishers.add(owner);
        return here.bus.publish(target, batch, signal);
      },
    });
  await using first = here.relay('a', { bus: noted('a') });
  await using second = here.relay('b', { bus: noted('b') });
  first.start();
  second.start();
  for (const number of range(20)) {
    await here.place(number);
    await here.clock.advance(50);
  }
  await until(() => here.subscribers.of('mail').length >= 20);
  assert.deepEqual(here.subscribers.of('mail'), range(20));
  assert.equal(publishers.size, 1);
});

test('another relay takes over when the lease of a frozen one is over; the frozen one can no longer move the cursor', async () => {
  await using here = await publisher();
  const frozen = Promise.withResolvers<void>();
  let freezing = false;
  const transact: Store['transact'] = async (work, options) => {
    if (freezing) await frozen.promise;
    return await here.store.transact(work, options);
  };
  await using zombie = here.relay('a', { store: withMethods(here.store, { transact }) });
  zombie.start();
  await here.place(1);
  await until(async () => (await here.cursor()) > 0);
  // It has published the second order, and freezes before it can say so.
  here.subscribers.answer = async () => void (freezing = true);
  await here.place(2);
  await until(() => here.subscribers.of('mail').length === 2);
  const before = await here.cursor();

  const busy = Promise.withResolvers<void>();
  let asked = 0;
  here.subscribers.answer = () => ((asked += 1), busy.promise);
  await using next = here.relay('b');
  next.start();
  await here.clock.advance(2_000);
  assert.equal(asked, 0);
  for (let waited = 0; waited < 2_000; waited += 100) await here.clock.advance(100);
  await until(() => asked === 1);
  freezing = false;
  frozen.resolve();
  await here.clock.advance(500);
  assert.equal(await here.cursor(), before);

  busy.resolve();
  const { lastPosition } = await here.place(3);
  await until(async () => (await here.cursor()) === lastPosition);
  assert.deepEqual(here.subscribers.of('mail'), [1, 2, 2, 3]);
});

test('a relay that gets the lease back goes on where the other one left off', async () => {
  await using here = await publisher();
  const deaf = withMethods(here.store, { onCommit: () => ({ [Symbol.dispose]: () => undefined }) });
  await using first = here.relay('a', { store: deaf });
  await here.place(1);
  first.start();
  await until(async () => (await here.cursor()) > 0);
  await here.clock.advance(3_000);

  const second = here.relay('b');
  second.start();
  const { lastPosition } = await here.place(2);
  await until(async () => (await here.cursor()) === lastPosition);
  await second[Symbol.asyncDispose]();

  await here.place(3);
  await here.clock.advance(6_000);
  await until(() => here.subscribers.of('mail').length >= 3);
  assert.deepEqual(here.subscribers.of('mail'), [1, 2, 3]);
});

test('a batch that takes longer than the lease is not published by another relay meanwhile', async () => {
  await using here = await publisher();
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  here.subscribers.answer = () => ((asked += 1), slow.promise);
  await using first = here.relay('a');
  await using second = here.relay('b');
  first.start();
  await here.place(1);
  await until(() => asked === 1);
  second.start();
  for (let passed = 0; passed < 20_000; passed += 100) await here.clock.advance(100);
  slow.resolve();
  await until(async () => (await here.cursor()) > 0);
  assert.deepEqual([asked, here.subscribers.of('mail')], [1, [1]]);
});

test('a target that fails stops its own lane only, says so, and gets everything once it is back', async () => {
  await using here = await publisher({ mail: ['orders.OrderPlaced'], dead: ['orders.OrderPlaced'] });
  here.subscribers.answer = (target) =>
    target === 'dead'
      ? Promise.reject(new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'dead is away' }))
      : Promise.resolve();
  await using relay = here.relay('a');
  relay.start();
  for (const number of range(5)) await here.place(number);
  await until(() => here.subscribers.of('mail').length === 5 && relay.health().status !== 'UP');
  const { components } = relay.health();
  assert.deepEqual(components!['mail'], { status: 'UP' });
  assert.deepEqual(components!['dead'], { status: 'DEGRADED', reason: 'dead is away' });
  assert.equal(await here.cursor('dead'), 0);

  await here.clock.advance(120_000);
  here.subscribers.answer = () => Promise.resolve();
  await here.clock.advance(30_000);
  await until(() => here.subscribers.of('dead').length === 5);
  assert.deepEqual([here.subscribers.of('dead'), here.subscribers.of('mail')], [range(5), range(5)]);
  assert.equal(relay.health().status, 'UP');
});

test('failures are tried again ever more slowly, at least every 30 seconds', async () => {
  await using here = await publisher();
  let tries = 0;
  here.subscribers.answer = () => Promise.reject(new Error(`try ${(tries += 1)}`));
  await using relay = here.relay('a');
  relay.start();
  await here.place(1);
  await until(() => tries === 1);
  for (let passed = 0; passed < 1_200_000; passed += 200) await here.clock.advance(200);
  assert.ok(tries > 40 && tries < 200, `${tries} tries in 20 minutes`);
});

test('polling alone finds the events when no wake-up arrives', async () => {
  await using here = await publisher();
  const deaf = withMethods(here.store, { onCommit: () => ({ [Symbol.dispose]: () => undefined }) });
  await using relay = here.relay('a', { store: deaf });
  relay.start();
  for (const number of range(3)) {
    await here.place(number);
    await here.clock.advance(6_000);
    await until(() => here.subscribers.of('mail').length === number);
  }
});

test('a relay with nothing to do writes nothing, and passes over private events without a commit for each', async () => {
  await using here = await publisher();
  let units = 0;
  const counted = withMethods(here.store, {
    transact: (work, options) => {
      units += 1;
      return here.store.transact(work, options);
    },
  });
  await using relay = here.relay('a', { store: counted });
  relay.start();
  await here.clock.advance(600_000);
  assert.equal(units, 0);
  for (const number of range(200)) {
    await here.store.transact(async (tx) => {
      const { unit } = openUnit({ tx, contract: orders, runtime: here.runtime, origin: { correlationId: 'c' } });
      await unit.change(order, 'o1', () => range(5).map(() => ({ type: 'Noted' as const, data: { number } })));
    });
    await here.clock.advance(0);
  }
  await here.clock.advance(10_000);
  assert.ok(units <= 10, `${units} units for 200 commits`);
  assert.ok((await here.cursor()) >= 500);
});

test('closing stops at once, even a batch under way, hands the lease over and leaves no timer', async () => {
  await using here = await publisher();
  let asked = false;
  here.subscribers.answer = () => new Promise(() => (asked = true));
  const relay = here.relay('a');
  relay.start();
  await here.place(1);
  await until(() => asked);
  await relay[Symbol.asyncDispose]();
  assert.equal(here.clock.pending, 0);

  here.subscribers.answer = () => Promise.resolve();
  await using next = here.relay('b');
  next.start();
  await until(() => here.subscribers.of('mail').length === 1);
});
