import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Generated } from 'kysely';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { database, type Store, type Transaction } from '../store/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore, withMethods } from '../testing/index.ts';
import { createInbox, type EventMessage, type ReceivedEvent, type Subscription, toMessage } from './index.ts';

interface Tables {
  handled: { place: Generated<number>; number: number };
}
const tables = database<Tables>({
  '001 handled': async (db) => {
    const place = (column: import('kysely').ColumnDefinitionBuilder) => column.primaryKey().autoIncrement();
    await db.schema.createTable('handled').addColumn('place', 'integer', place).addColumn('number', 'integer').execute();
  },
});
const orders = contract('orders', {
  version: '1.0.0',
  team: 'checkout',
  events: { OrderPlaced: { version: 1, schema: z.object({ number: z.int() }) }, OrderLost: { version: 1, schema: z.any() } },
});

/** A subscriber that notes the number of each event in its own table, after failing as often as it was told to. */
async function subscriber() {
  const runtime = createFakeRuntime();
  const { store, ...temporary } = await openTemporaryStore({ service: 'mail', database: tables, runtime });
  const failuresLeft = new Map<number, number>();
  const tries: number[] = [];
  const handle = async (event: ReceivedEvent, context: object): Promise<void> => {
    const { number } = event.data as { number: number };
    tries.push(number);
    await (context as Transaction<Tables>).db.insertInto('handled').values({ number }).execute();
    const left = failuresLeft.get(number) ?? 0;
    failuresLeft.set(number, left - 1);
    if (left > 0) throw new Error(`number ${number} fails`);
  };
  const subscriptions: Subscription[] = [{ event: orders.events.OrderPlaced, handle }];
  const context = async (tx: Transaction) => ({ context: tx, finish: () => Promise.resolve() });
  const inboxOn = (on: Store) => createInbox({ store: on, service: 'mail', subscriptions, context, runtime, log: silentLogger });
  const inbox = inboxOn(store as Store);
  return {
    ...temporary,
    store: store as Store,
    runtime,
    inbox,
    inboxOn,
    subscriptions,
    failuresLeft,
    tries,
    handled: async () =>
      (await store.reader.selectFrom('handled').select('number').orderBy('place').execute()).map(({ number }) => number),
    parked: async () => (await inbox.parked(1_000)).map(({ messageId }) => Number(messageId)).toSorted((a, b) => a - b),
    /** Lets the time of backoffs pass until the work has ended. */
    async inTime<TResult>(work: Promise<TResult>): Promise<TResult> {
      let ended = false;
      const end = (): boolean => (ended = true);
      work.then(end, end);
      while (!ended) await runtime.clock.advance(100);
      return await work;
    },
  };
}

function message(number: number, key?: string, data: unknown = { number }): EventMessage {
  const fields = { id: String(number), type: 'OrderPlaced', schemaVersion: 1, position: number, data, at: 0 };
  return toMessage(orders, { ...fields, stream: undefined, version: undefined, meta: { correlationId: 'c', key } });
}

const open = (): AbortSignal => new AbortController().signal;
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a message is handled once, however often it is delivered', async () => {
  await using here = await subscriber();
  const batch = [message(1), message(2), message(1)];
  await here.inbox.deliver(batch, open());
  await Promise.all([here.inbox.deliver(batch, open()), here.inbox.deliver([message(2), message(3)], open())]);
  assert.deepEqual(await here.handled(), [1, 2, 3]);
});

test('the messages of a batch are handled in order and share a commit', async () => {
  await using here = await subscriber();
  let commits = 0;
  using _counting = here.store.onCommit(() => (commits += 1));
  await here.inbox.deliver(
    numbers(1, 200).map((number) => message(number, number % 2 ? 'odd' : undefined)),
    open(),
  );
  assert.deepEqual(await here.handled(), numbers(1, 200));
  assert.equal(commits, 1);
});

test('a failed message comes again before later ones of its key, while others flow', async () => {
  await using here = await subscriber();
  here.failuresLeft.set(1, 2);
  const batch = [message(1, 'a'), message(2, 'b'), message(3, 'a'), message(4)];
  await here.inTime(here.inbox.deliver(batch, open()));
  assert.deepEqual(await here.handled(), [2, 4, 1, 3]);
  assert.deepEqual(await here.parked(), []);
});

test('a message that keeps failing is parked with its reason, and its key waits behind it', async () => {
  await using here = await subscriber();
  here.failuresLeft.set(1, Infinity);
  await here.inTime(here.inbox.deliver([message(1, 'a'), message(2, 'b'), message(3, 'a'), message(4, 'a')], open()));
  await here.inTime(here.inbox.deliver([message(5, 'a'), message(6, 'b')], open()));
  assert.deepEqual(await here.handled(), [2, 6]);
  assert.deepEqual(await here.parked(), [1, 3, 4, 5]);
  const [first] = (await here.inbox.parked(10)).filter(({ messageId }) => messageId === '1');
  assert.match(first!.error, /number 1 fails/);
  assert.deepEqual(here.tries.filter((number) => number === 1).length, 5);
});

test('the same key of another publisher is another key', async () => {
  await using here = await subscriber();
  here.failuresLeft.set(1, Infinity);
  const elsewhere = { ...message(2, 'a'), source: '/payments' };
  await here.inTime(here.inbox.deliver([message(1, 'a'), elsewhere], open()));
  assert.deepEqual([await here.handled(), await here.parked()], [[2], [1]]);
});

test('unparking runs a message and all of its key again, in order', async () => {
  await using here = await subscriber();
  here.failuresLeft.set(1, Infinity).set(9, Infinity);
  await here.inTime(here.inbox.deliver([message(1, 'a'), message(3, 'a'), message(4, 'a'), message(9)], open()));
  here.failuresLeft.clear();
  await here.inbox.unpark('mail', '4');
  assert.deepEqual([await here.handled(), await here.parked()], [[1, 3, 4], [9]]);
  await here.inbox.deliver([message(5, 'a')], open());
  await here.inbox.unpark('mail', '9');
  assert.deepEqual([await here.handled(), await here.parked()], [[1, 3, 4, 5, 9], []]);
});

test('a message that fails again when unparked stays parked, and what is not parked can not be unparked', async () => {
  await using here = await subscriber();
  here.failuresLeft.set(1, Infinity);
  await here.inTime(here.inbox.deliver([message(1)], open()));
  await assert.rejects(here.inbox.unpark('mail', '1'), { code: 'MESSAGE_FAILS_AGAIN', message: /number 1 fails/ });
  await assert.rejects(here.inbox.unpark('mail', '2'), { code: 'NOT_PARKED' });
  await assert.rejects(here.inbox.unpark('stock', '1'), { code: 'NOT_PARKED' });
  assert.deepEqual([await here.handled(), await here.parked()], [[], [1]]);
});

test('an event that fits no schema is parked at once, not lost', async () => {
  await using here = await subscriber();
  await here.inbox.deliver([message(1, 'a', { number: 'one' }), message(2, 'b')], open());
  assert.deepEqual([await here.handled(), await here.parked(), here.tries], [[2], [1], [2]]);
  assert.match((await here.inbox.parked(1))[0]!.error, /UNREADABLE_EVENT.*number/);
});

test('a handler that never ends is the fault of its message', async () => {
  await using here = await subscriber();
  here.subscriptions[0] = { event: orders.events.OrderPlaced, handle: () => new Promise(() => undefined) };
  const inbox = here.inboxOn(here.store);
  await here.inTime(inbox.deliver([message(1)], open()));
  assert.deepEqual(await here.parked(), [1]);
});

test('a batch with a malformed envelope is refused whole', async () => {
  await using here = await subscriber();
  const malformed = { ...message(2), sequence: undefined } as unknown as EventMessage;
  await assert.rejects(here.inbox.deliver([message(1), malformed], open()), { code: 'INVALID_MESSAGE' });
  await assert.rejects(here.inbox.deliver('no list' as never, open()), { code: 'INVALID_MESSAGE' });
  assert.deepEqual(await here.handled(), []);
});

test('an event nobody here subscribes to is nothing to do', async () => {
  await using here = await subscriber();
  await here.inbox.deliver([{ ...message(1, 'a'), type: 'orders.OrderLost' }, message(2, 'a')], open());
  assert.deepEqual([await here.handled(), await here.parked()], [[2], []]);
});

test('a sick database refuses the batch and blames no message', async () => {
  await using here = await subscriber();
  const sick = new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: 'disk I/O error' });
  here.failuresLeft.set(1, Infinity);
  const inbox = here.inboxOn(withMethods(here.store, { check: () => Promise.reject(sick) }));
  await assert.rejects(here.inTime(inbox.deliver([message(1, 'a'), message(2)], open())), { code: 'STORE_UNAVAILABLE' });
  assert.deepEqual([await here.handled(), await here.parked()], [[2], []]);
  let calls = 0;
  const transact = (): Promise<never> => Promise.reject(new Error(`no answer to call ${(calls += 1)}`));
  const dead = here.inboxOn(withMethods(here.store, { transact }));
  await assert.rejects(here.inTime(dead.deliver([message(3)], open())), { code: 'INTERNAL' });
  assert.equal(calls, 1);
});

test('a commit whose answer is lost refuses the batch; when it comes again nothing happens twice', async () => {
  await using here = await subscriber();
  const lost = new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: 'no answer' });
  const transact: Store['transact'] = (work, options) => here.store.transact(work, options).then(() => Promise.reject(lost));
  const inbox = here.inboxOn(withMethods(here.store, { transact }));
  await assert.rejects(inbox.deliver([message(1, 'a'), message(2, 'a')], open()), { code: 'STORE_UNAVAILABLE' });
  await here.inbox.deliver([message(1, 'a'), message(2, 'a')], open());
  assert.deepEqual(await here.handled(), [1, 2]);
});

test('an aborted delivery parks nothing and leaves no timer', async () => {
  await using here = await subscriber();
  here.failuresLeft.set(1, 1);
  const stop = new AbortController();
  const delivering = assert.rejects(here.inbox.deliver([message(1)], stop.signal), { code: 'CANCELLED' });
  while (here.tries.length === 0) await here.runtime.clock.advance(0);
  stop.abort();
  await delivering;
  assert.deepEqual([await here.parked(), here.runtime.clock.pending], [[], 0]);
  await here.inbox.deliver([message(1)], open());
  assert.deepEqual(await here.handled(), [1]);
});

test('whatever fails, each key is handled in order without a gap; what is parked completes it', async () => {
  const delivery = fc.record({ key: fc.constantFrom('a', 'b', 'c', undefined), failures: fc.constantFrom(0, 0, 0, 1, 3, 5) });
  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { maxLength: 25 }), fc.integer({ min: 1, max: 10 }), async (deliveries, size) => {
      await using here = await subscriber();
      const all = deliveries.map(({ key }, index) => message(index + 1, key));
      deliveries.forEach(({ failures }, index) => here.failuresLeft.set(index + 1, failures));
      for (let from = 0; from < all.length; from += size) {
        const batch = all.slice(from, from + size);
        await here.inTime(here.inbox.deliver(batch, open()));
        await here.inTime(here.inbox.deliver(batch, open()));
      }
      const firstFailing = (key: string): number => deliveries.findIndex((one) => one.key === key && one.failures >= 5) + 1;
      const isParked = ({ key, failures }: (typeof deliveries)[number], number: number): boolean =>
        key === undefined ? failures >= 5 : firstFailing(key) > 0 && number >= firstFailing(key);
      assert.deepEqual(
        await here.parked(),
        numbers(1, all.length).filter((number) => isParked(deliveries[number - 1]!, number)),
      );

      here.failuresLeft.clear();
      for (const number of await here.parked()) await here.inbox.unpark('mail', String(number)).catch(ignoreNotParked);
      const handled = await here.handled();
      assert.deepEqual(
        handled.toSorted((left, right) => left - right),
        numbers(1, all.length),
      );
      for (const key of ['a', 'b', 'c']) {
        const ofKey = handled.filter((number) => deliveries[number - 1]!.key === key);
        assert.deepEqual(
          ofKey,
          ofKey.toSorted((left, right) => left - right),
        );
      }
    }),
    { numRuns: 30 },
  );
});

/** An earlier unpark of the key has run it already. */
function ignoreNotParked(thrown: FlotillaError): void {
  if (thrown.code !== 'NOT_PARKED') throw thrown;
}
