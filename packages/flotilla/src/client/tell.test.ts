import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { anonymous } from '../security/index.ts';
import { createFakeRuntime, until } from '../testing/index.ts';
import { type Call, createInProcessTransport } from '../transport/index.ts';
import { type CallerContext, createClients, isDeclared, type Policies } from './index.ts';

const news = contract('news', {
  version: '1.0.0',
  team: 'press',
  streams: {
    follow: { input: z.object({}), item: z.number(), errors: { CENSORED: z.object({ by: z.string() }) }, timeout: '1s' },
    ticker: { input: z.void(), item: z.number() },
  },
});

type Told = (call: Call, signal: AbortSignal) => Promise<AsyncGenerator<unknown, void>>;

function open(tell: Told, { policies = {}, ...given }: Partial<CallerContext> & { policies?: Policies } = {}) {
  const runtime = createFakeRuntime();
  const calls: Call[] = [];
  const ended: unknown[] = [];
  const transport = createInProcessTransport({
    hosts: () => undefined,
    streams: () => async (call, signal) => {
      calls.push(call);
      signal.addEventListener('abort', () => ended.push(signal.reason), { once: true });
      return await tell(call, signal);
    },
    runtime,
  });
  const caller = new AbortController();
  const context: CallerContext = {
    identity: { ...anonymous, subject: 'user-1' },
    caller: { internal: true, name: 'service:orders' },
    trace: { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', flags: 1 },
    correlationId: 'order-1',
    signal: caller.signal,
    ...given,
  };
  const { call, subscribe } = transport;
  const clients = createClients({ contracts: { news }, call, subscribe, context, runtime, policies });
  return { runtime, calls, ended, caller, client: clients.news };
}

async function* numbers(count: number): AsyncGenerator<unknown, void> {
  for (let number = 1; number <= count; number += 1) yield number;
}
async function* silentAfter(...items: unknown[]): AsyncGenerator<unknown, void> {
  yield* items;
  await new Promise(() => undefined);
}
const down = (): FlotillaError => new FlotillaError('DOWN', { kind: 'unavailable', message: 'Down.' });

async function collect(items: AsyncIterable<number>): Promise<number[]> {
  const collected: number[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('the client of a stream', () => {
  it('asks when reading begins, once, with what belongs to its caller', async () => {
    const { client, calls } = open(async () => numbers(3));
    const items = client.follow({});
    assert.equal(calls.length, 0);
    assert.deepEqual(await collect(items), [1, 2, 3]);
    assert.deepEqual(await collect(items), []);
    assert.equal(calls.length, 1);
    const { identity, idempotencyKey, remainingMs } = calls[0]!.metadata;
    assert.deepEqual([identity.subject, idempotencyKey, remainingMs], ['user-1', undefined, Infinity]);
    const left = client.follow({});
    await left.return!();
    assert.equal((await left.next()).done, true);
    assert.equal(calls.length, 1);
  });

  it('tries again until it is open, and never after that', async () => {
    let tries = 0;
    const { client, runtime, calls } = open(async ({ metadata }) => {
      tries = metadata.attempt;
      if (tries < 3) throw down();
      return (async function* () {
        yield 1;
        throw down();
      })();
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of client.ticker()) seen.push(item);
    })();
    const rejected = assert.rejects(reading, { code: 'DOWN' });
    await until(async () => (await runtime.clock.advance(100), seen.length === 1));
    await rejected;
    assert.deepEqual([calls.length, tries], [3, 3]);
  });

  it('is bounded in its opening by the policy, item by item by the contract, as a whole by its caller', async () => {
    const never = open(() => new Promise(() => undefined), { policies: { all: { retry: false } } });
    const opening = assert.rejects(collect(never.client.ticker()), { code: 'DEADLINE_EXCEEDED' });
    await never.runtime.clock.advance(5_100);
    await opening;

    const slow = open(async () => silentAfter(1, 2));
    const waiting = assert.rejects(collect(slow.client.follow({})), { code: 'DEADLINE_EXCEEDED', message: /news\.follow/ });
    await slow.runtime.clock.advance(1_100);
    await waiting;
    assert.equal(slow.ended.length, 1);

    const patient = open(async () => silentAfter(1));
    const items = patient.client.ticker(undefined, { timeout: '1m' });
    assert.equal((await items.next()).value, 1);
    const late = assert.rejects(async () => await items.next(), { code: 'DEADLINE_EXCEEDED' });
    await patient.runtime.clock.advance(59_000);
    assert.equal(patient.ended.length, 0);
    await patient.runtime.clock.advance(2_000);
    await late;
    assert.ok(patient.calls[0]!.metadata.remainingMs <= 60_000);
    assert.equal(patient.runtime.clock.pending, 0);
  });

  it('can be left while it waits, by return, by its own signal and by that of its caller', async () => {
    const { client, ended, caller } = open(async () => silentAfter(1));
    const begin = async (signal?: AbortSignal) => {
      const items = client.ticker(undefined, signal ? { signal } : {});
      await items.next();
      return { items, next: assert.rejects(async () => await items.next(), { code: 'CANCELLED' }) };
    };
    const first = await begin();
    await first.items.return!();
    await first.next;
    const own = new AbortController();
    const second = await begin(own.signal);
    own.abort();
    await second.next;
    const third = await begin();
    caller.abort();
    await third.next;
    assert.equal(ended.length, 3);
  });

  it('knows declared errors, at the opening and later', async () => {
    const censored = (): FlotillaError =>
      new FlotillaError('CENSORED', { kind: 'conflict', message: 'No.', details: { by: 'them' } });
    const isCensored = (thrown: FlotillaError): boolean => isDeclared(thrown) && thrown.code === 'CENSORED';
    const refused = open(() => Promise.reject(censored()));
    await assert.rejects(collect(refused.client.follow({})), isCensored);
    const later = open(async () =>
      (async function* () {
        yield 1;
        throw censored();
      })(),
    );
    await assert.rejects(collect(later.client.follow({})), isCensored);
  });

  it('takes no place from calls once it is open', async () => {
    const { client } = open(async () => silentAfter(1), { policies: { all: { bulkhead: { limit: 1, queue: 0 } } } });
    const items = Array.from({ length: 5 }, () => client.ticker());
    for (const one of items) assert.equal((await one.next()).value, 1);
    for (const one of items) await one.return!();
  });
});
