import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyJson, FlotillaError, systemRuntime } from '../kernel/index.ts';
import type { StoredEvent } from '../store/index.ts';
import { busSuite, createFakeRuntime } from '../testing/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';
import { directBus, type EventMessage, toMessage } from './index.ts';

busSuite({
  name: 'the direct bus',
  open: async (subscribers) =>
    directBus({
      subscribers: new Map(subscribers.map(({ service, eventTypes }) => [service, eventTypes])),
      runtime: systemRuntime,
      call: async ({ service, input }, signal) => {
        await subscribers.find((one) => one.service === service)!.deliver(batchOf(copyJson(input)), signal);
        return null;
      },
    }),
});

test('a batch goes out as the system operation of an internal caller, with the time it may take', async () => {
  const calls: Call[] = [];
  await using bus = open(async (call) => void calls.push(call));
  await bus.publish('mail', messages(1), new AbortController().signal);
  const { service, operation, input, metadata } = calls[0]!;
  assert.deepEqual([service, operation, batchOf(input).length], ['mail', '$deliver', 1]);
  assert.deepEqual([metadata.caller.internal, metadata.identity.subject, metadata.remainingMs], [true, undefined, 2_000]);
});

test('a subscriber that does not answer in time is given up', async () => {
  const runtime = createFakeRuntime();
  await using bus = open(() => new Promise(() => undefined), runtime);
  const publishing = assert.rejects(bus.publish('mail', messages(1), new AbortController().signal), { code: 'DELIVERY_TIMEOUT' });
  await runtime.clock.advance(2_000);
  await publishing;
  assert.equal(runtime.clock.pending, 0);
});

test('a batch too large for one request goes in smaller ones, in order', async () => {
  const taken: string[][] = [];
  await using bus = open(async ({ input }) => {
    const batch = batchOf(input);
    if (batch.length > 3) throw new FlotillaError('BODY_TOO_LARGE', { kind: 'invalid', message: 'Too large.' });
    taken.push(batch.map(({ id }) => id));
  });
  await bus.publish('mail', messages(10), new AbortController().signal);
  assert.ok(taken.length > 3);
  assert.deepEqual(
    taken.flat(),
    messages(10).map(({ id }) => id),
  );
});

test('one message that is too large is refused, not split for ever', async () => {
  await using bus = open(async () => {
    throw new FlotillaError('BODY_TOO_LARGE', { kind: 'invalid', message: 'Too large.' });
  });
  await assert.rejects(bus.publish('mail', messages(1), new AbortController().signal), { code: 'BODY_TOO_LARGE' });
});

test('closing aborts what is under way and waits for it', async () => {
  const bus = open(
    (_call, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  const publishing = assert.rejects(bus.publish('mail', messages(1), new AbortController().signal), { code: 'BUS_CLOSED' });
  await bus[Symbol.asyncDispose]();
  await publishing;
});

function open(call: CallHandler, runtime = createFakeRuntime()) {
  return directBus({ subscribers: new Map([['mail', ['orders.OrderPlaced']]]), call, runtime, timeout: '2s' });
}

function batchOf(input: unknown): EventMessage[] {
  return (input as { batch: EventMessage[] }).batch;
}

function messages(count: number): EventMessage[] {
  return Array.from({ length: count }, (_, index) => toMessage({ name: 'orders' }, event(index + 1)));
}

function event(position: number): StoredEvent {
  return {
    position,
    id: `event-${position}`,
    type: 'OrderPlaced',
    schemaVersion: 1,
    data: { position },
    at: 0,
    stream: undefined,
    version: undefined,
    meta: { correlationId: 'c' },
  };
}
