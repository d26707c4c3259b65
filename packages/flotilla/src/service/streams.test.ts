import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import { aggregate } from '../log/index.ts';
import { directBus } from '../messaging/index.ts';
import { anonymous } from '../security/index.ts';
import { silentLogger, startTrace } from '../telemetry/index.ts';
import { openTemporaryStore, until } from '../testing/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';
import { createHost, service } from './index.ts';

const count = z.object({ count: z.int() });
const counters = contract('counters', {
  version: '1.0.0',
  team: 'abacus',
  queries: { present: { input: z.object({ id: z.string() }), output: count, access: 'public' } },
  commands: { add: { input: z.object({ id: z.string() }), output: z.void(), access: 'public' } },
  streams: {
    follow: {
      input: z.object({ id: z.string().min(1) }),
      item: count,
      errors: { NO_SUCH_COUNTER: { kind: 'not-found', details: z.object({ id: z.string() }) } },
      access: 'public',
    },
    lie: { input: z.void(), item: count, access: 'public' },
    crash: { input: z.void(), item: count, access: 'public' },
    own: { input: z.void(), item: count },
  },
});
const counter = aggregate<number, { type: 'Added'; data: null }>('counter', { initial: 0, evolve: (before) => before + 1 });

async function openDesk() {
  const definition = service(counters, {
    handlers: {
      present: async ({ id }, { load }) => ({ count: (await load(counter, id)).state }),
      add: async ({ id }, { change }) => void (await change(counter, id, () => [{ type: 'Added', data: null }])),
      follow: async ({ id }, { load, fail, follow }) => {
        if ((await load(counter, id)).version === 0) fail('NO_SUCH_COUNTER', { id });
        return (async function* () {
          for await (const { state } of follow(counter, id)) yield { count: state };
        })();
      },
      lie: async function* () {
        yield { count: 1 };
        yield { count: 'two' } as never;
      },
      crash: async function* () {
        yield { count: 1 };
        throw new Error('password=hunter2');
      },
      own: async function* () {
        yield { count: 1 };
      },
    },
  });
  const opened = await openTemporaryStore({ service: 'counters', database: definition.database });
  const nobody: CallHandler = () => Promise.reject(new Error('there are no other services'));
  const bus = directBus({ subscribers: new Map(), call: nobody, runtime: systemRuntime });
  const shared = { definition, store: opened.store, call: nobody, bus, runtime: systemRuntime, log: silentLogger };
  const host = createHost({ ...shared, config: undefined, secret: 'hush', owner: 'here' });
  const callOf = (operation: string, input?: unknown, caller = { internal: false, name: 'gateway' }): Call => ({
    service: 'counters',
    operation,
    input,
    metadata: {
      identity: anonymous,
      caller,
      trace: startTrace(systemRuntime.random),
      correlationId: 'c1',
      remainingMs: Infinity,
      attempt: 1,
    },
  });
  const never = new AbortController().signal;
  return {
    host,
    send: (operation: string, input?: unknown) => host.call(callOf(operation, input), never),
    read: (operation: string, input?: unknown, signal = never) => host.subscribe(callOf(operation, input), signal),
    inFlight: async () => {
      const operator = { internal: true, name: 'operator' };
      return ((await host.call(callOf('$vitals', undefined, operator), never)) as { inFlight: number }).inFlight;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test('a stream follows an aggregate for as long as it is read, and changes in quick succession are one', async () => {
  await using desk = await openDesk();
  await desk.send('add', { id: 'a' });
  const reader = new AbortController();
  const items = (await desk.read('follow', { id: 'a' }, reader.signal))[Symbol.asyncIterator]();
  assert.deepEqual((await items.next()).value, { count: 1 });
  await Promise.all([desk.send('add', { id: 'a' }), desk.send('add', { id: 'b' }), desk.send('add', { id: 'a' })]);
  const seen: { count: number }[] = [];
  while (seen.at(-1)?.count !== 3) seen.push((await items.next()).value as { count: number });
  assert.ok(seen.length <= 2);
  const next = items.next();
  reader.abort();
  await assert.rejects(async () => await next, { code: 'CANCELLED' });
});

test('a stream is refused before it begins: for its input, its rights, and by its handler', async () => {
  await using desk = await openDesk();
  await assert.rejects(desk.read('follow', { id: '' }), { code: 'INVALID_INPUT' });
  await assert.rejects(desk.read('follow', { id: 'a' }), { code: 'NO_SUCH_COUNTER', kind: 'not-found', details: { id: 'a' } });
  await assert.rejects(desk.read('own'), { kind: 'forbidden' });
  await assert.rejects(desk.read('nothing'), { code: 'UNKNOWN_OPERATION' });
  await assert.rejects(desk.send('follow', { id: 'a' }), { code: 'UNKNOWN_OPERATION' });
});

test('each item keeps the contract, and what goes wrong stays opaque', async () => {
  await using desk = await openDesk();
  const lying = (await desk.read('lie'))[Symbol.asyncIterator]();
  assert.deepEqual((await lying.next()).value, { count: 1 });
  await assert.rejects(async () => await lying.next(), { code: 'INVALID_OUTPUT' });
  await assert.rejects(collect(await desk.read('crash')), (error: Error) => !error.message.includes('hunter2'));
});

test('a stream is in flight until it ends, is left, or its caller goes away', async () => {
  await using desk = await openDesk();
  await desk.send('add', { id: 'a' });
  const before = await desk.inFlight();
  const caller = new AbortController();
  const unread = await desk.read('follow', { id: 'a' }, caller.signal);
  const left = (await desk.read('follow', { id: 'a' }))[Symbol.asyncIterator]();
  await left.next();
  assert.equal(await desk.inFlight(), before + 2);
  await left.return!();
  caller.abort();
  await until(async () => (await desk.inFlight()) === before);
  assert.ok(unread);
});
