import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { FlotillaError, systemRuntime } from '../kernel/index.ts';
import { anonymous } from '../security/index.ts';
import { createFakeRuntime, until } from '../testing/index.ts';
import { type Call, type CallHandler, createInProcessTransport } from '../transport/index.ts';
import { attempt, type CallerContext, createClientFactory, createClients, isDeclared, isUnsent } from './index.ts';

const stock = contract('stock', {
  version: '1.0.0',
  team: 'warehouse',
  queries: {
    level: { input: z.object({ sku: z.string() }), output: z.number(), timeout: '500ms' },
    all: { input: z.void(), output: z.unknown() },
  },
  commands: {
    take: {
      input: z.object({ sku: z.string() }),
      output: z.void(),
      errors: { GONE: z.object({ left: z.int() }), BUSY: { kind: 'unavailable', details: z.object({}) } },
    },
  },
});

function open(answer: (call: Call, signal: AbortSignal) => unknown, given: Partial<CallerContext> = {}) {
  const runtime = createFakeRuntime();
  const calls: Call[] = [];
  const host: CallHandler = async (call, signal) => (calls.push(call), await answer(call, signal));
  const transport = createInProcessTransport({ hosts: () => host, runtime });
  const context: CallerContext = {
    identity: { ...anonymous, subject: 'user-1' },
    caller: { internal: true, name: 'service:orders' },
    trace: { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', flags: 1 },
    correlationId: 'order-1',
    signal: new AbortController().signal,
    ...given,
  };
  const clients = createClients({ contracts: { stock }, call: transport.call, context, runtime });
  return { runtime, calls, context, client: clients.stock };
}
const down = (options = {}) => new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'Down.', ...options });
const never = (_call: Call, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

describe('a client', () => {
  it('carries what belongs to its caller, each call as a span of its own', async () => {
    const { client, calls, context } = open(() => 3);
    assert.equal(await client.level({ sku: 'a' }), 3);
    await client.level({ sku: 'b' });
    const [first, second] = calls.map(({ metadata }) => metadata);
    assert.deepEqual([calls[0]!.service, calls[0]!.operation, calls[0]!.input], ['stock', 'level', { sku: 'a' }]);
    assert.deepEqual([first!.identity, first!.caller, first!.correlationId], [context.identity, context.caller, 'order-1']);
    assert.equal(first!.trace.traceId, context.trace.traceId);
    assert.equal(new Set([first!.trace.spanId, second!.trace.spanId, context.trace.spanId]).size, 3);
  });

  it('gives every command a key and no query one', async () => {
    const { client, calls } = open(() => undefined);
    await client.level({ sku: 'a' });
    await client.take({ sku: 'a' });
    await client.take({ sku: 'a' });
    await client.take({ sku: 'a' }, { idempotencyKey: 'mine' });
    const keys = calls.map(({ metadata }) => metadata.idempotencyKey);
    assert.equal(keys[0], undefined);
    assert.match(keys[1]!, /^[0-9a-f-]{36}$/);
    assert.notEqual(keys[1], keys[2]);
    assert.equal(keys[3], 'mine');
  });

  it('takes the keys of a caller that repeats its work', async () => {
    const { client, calls } = open(() => undefined, { idempotencyKey: ({ id }) => `step-1/${id}` });
    await client.take({ sku: 'a' });
    assert.equal(calls[0]!.metadata.idempotencyKey, 'step-1/stock.take');
  });

  it('says of its own error only that nothing was sent, not of what else the same reason ended', async () => {
    const caller = new AbortController();
    const reason = new FlotillaError('SHUTDOWN', { kind: 'cancelled', message: 'The end.' });
    const { client, calls } = open(never, { signal: caller.signal });
    const failure = (calling: Promise<unknown>): Promise<FlotillaError> =>
      calling.then(
        () => assert.fail('it can not succeed'),
        (thrown: unknown) => thrown as FlotillaError,
      );
    const sent = failure(client.take({ sku: 'a' }));
    await until(() => calls.length === 1);
    caller.abort(reason);
    const unsent = await failure(client.take({ sku: 'b' }));
    assert.deepEqual([unsent.code, isUnsent(unsent)], ['SHUTDOWN', true]);
    assert.equal(isUnsent(await sent), false);
    assert.equal(isUnsent(reason), false);
  });

  it('refuses a key that could not travel', async () => {
    const { client, calls } = open(() => undefined);
    await assert.rejects(client.take({ sku: 'a' }, { idempotencyKey: 'a b' }), { code: 'INVALID_IDEMPOTENCY_KEY' });
    assert.equal(calls.length, 0);
  });

  it('tries a command again with the same key, and counts', async () => {
    const { client, calls, runtime } = open(() => (calls.length < 3 ? Promise.reject(down()) : undefined));
    const taking = client.take({ sku: 'a' });
    await runtime.clock.advance(1_000);
    await taking;
    assert.deepEqual(
      calls.map(({ metadata }) => metadata.attempt),
      [1, 2, 3],
    );
    assert.equal(new Set(calls.map(({ metadata }) => metadata.idempotencyKey)).size, 1);
    assert.equal(runtime.clock.pending, 0);
  });

  it('gives declared errors as values to attempt, and everything else as a rejection', async () => {
    const gone = open(() => Promise.reject(new FlotillaError('GONE', { kind: 'conflict', message: '', details: { left: 2 } })));
    const result = await attempt(gone.client.take({ sku: 'a' }));
    assert.ok(!result.ok && result.error.code === 'GONE' && result.error.details.left === 2);
    const other = open(() => Promise.reject(new FlotillaError('OTHER', { kind: 'conflict', message: '' })));
    await assert.rejects(
      attempt(other.client.take({ sku: 'a' })),
      (error: FlotillaError) => error.code === 'OTHER' && !isDeclared(error),
    );
  });

  it('marks a declared error also after retries', async () => {
    const { client, calls, runtime } = open(() =>
      Promise.reject(new FlotillaError('BUSY', { kind: 'unavailable', message: '' })),
    );
    const trying = attempt(client.take({ sku: 'a' }));
    await runtime.clock.advance(1_000);
    assert.equal((await trying).ok, false);
    assert.equal(calls.length, 3);
  });

  it('makes next to no difference between one and many pieces of work', async () => {
    const { context } = open(() => 1);
    const make = createClientFactory({ contracts: { stock }, call: async () => 1, runtime: systemRuntime });
    const { level } = make(context).stock;
    assert.equal(await level({ sku: 'taken out of its client' }), 1);
    assert.equal(await make({ ...context, correlationId: 'other' }).stock.all(), 1);
  });
});

describe('the time of a call', () => {
  const remaining = (calls: Call[]): number[] => calls.map(({ metadata }) => metadata.remainingMs);

  it('is that of the contract for each try, or 5 s', async () => {
    const { client, calls } = open(() => 1);
    await client.level({ sku: 'a' });
    await client.all();
    assert.deepEqual(remaining(calls), [500, 5_000]);
  });

  it('is never more than what is left for the caller', async () => {
    const { client, calls } = open(() => 1, { deadline: 200 });
    await client.level({ sku: 'a' });
    await client.all(undefined, { timeout: '1h' });
    assert.deepEqual(remaining(calls), [200, 200]);
  });

  it('is over at once when the caller has none left', async () => {
    const { client, calls } = open(() => 1, { deadline: 0 });
    await assert.rejects(client.all(), { code: 'DEADLINE_EXCEEDED' });
    assert.equal(calls.length, 0);
  });

  it('may be given for one call with all its tries', async () => {
    const { client, calls } = open(() => 1);
    await client.all(undefined, { timeout: '30s' });
    await client.level({ sku: 'a' }, { timeout: '100ms' });
    await client.level({ sku: 'a' }, { timeout: '30s' });
    assert.deepEqual(remaining(calls), [30_000, 100, 500]);
  });

  it('ends a try that hangs and tries again', async () => {
    const { client, calls, runtime } = open(never);
    const asking = assert.rejects(client.level({ sku: 'a' }), { code: 'DEADLINE_EXCEEDED' });
    await runtime.clock.advance(5_000);
    await asking;
    assert.deepEqual(remaining(calls), [500, 500, 500]);
    assert.equal(runtime.clock.pending, 0);
  });

  it('ends all tries when the total is over', async () => {
    const { client, calls, runtime } = open(never);
    const asking = assert.rejects(client.level({ sku: 'a' }, { timeout: '900ms' }), { code: 'DEADLINE_EXCEEDED' });
    await runtime.clock.advance(950);
    await asking;
    const left = remaining(calls);
    assert.ok(left.length === 2 && left[0] === 500 && left[1]! < 400, left.join(' '));
  });
});

describe('cancelling a call', () => {
  for (const by of ['context', 'options'] as const) {
    it(`by the signal of the ${by} ends it at once and leaves no listener`, async () => {
      const controller = new AbortController();
      const aborted: unknown[] = [];
      const answer = async (call: Call, signal: AbortSignal) => never(call, signal).finally(() => aborted.push(signal.reason));
      const { client, calls, runtime } = open(answer, by === 'context' ? { signal: controller.signal } : {});
      const asking = client.all(undefined, by === 'options' ? { signal: controller.signal } : {});
      await until(() => calls.length === 1);
      const reason = new FlotillaError('ENOUGH', { kind: 'cancelled', message: 'Enough.' });
      controller.abort(reason);
      await assert.rejects(asking, reason);
      await until(() => aborted.length === 1);
      assert.equal(aborted[0], reason);
      // The shared timer wheel stops at its next turn when nobody waits on it any more.
      await runtime.clock.advance(100);
      assert.deepEqual([calls.length, runtime.clock.pending], [1, 0]);
    });
  }

  it('before it began sends nothing', async () => {
    const { client, calls } = open(() => 1);
    await assert.rejects(client.all(undefined, { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    assert.equal(calls.length, 0);
  });

  it('keeps the memory flat over many calls under one signal', async () => {
    const { client } = open(() => 1);
    const own = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = own.signal;
    own.signal.addEventListener = (...given: Parameters<typeof addEventListener>) => (
      listeners++,
      addEventListener.apply(own.signal, given)
    );
    own.signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => (
      listeners--,
      removeEventListener.apply(own.signal, given)
    );
    for (let call = 0; call < 100; call++) await client.all(undefined, { signal: own.signal });
    assert.equal(listeners, 0);
  });
});
