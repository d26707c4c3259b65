import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import { directBus, type EventMessage } from '../messaging/index.ts';
import { saga } from '../saga/index.ts';
import { anonymous } from '../security/index.ts';
import { silentLogger, startTrace } from '../telemetry/index.ts';
import { openTemporaryStore } from '../testing/index.ts';
import type { Call, CallHandler, CallMetadata } from '../transport/index.ts';
import { createHost, service } from './index.ts';

const Id = z.object({ id: z.string() });
const REFUSALS = {
  STORM: { kind: 'conflict', details: z.void() },
  TIDE: { kind: 'unavailable', details: z.void() },
} as const;
const crane = contract('crane', {
  version: '1.0.0',
  team: 'harbour',
  queries: { ask: { input: z.void(), output: z.void() } },
  commands: {
    lift: { input: Id, output: Id },
    lower: { input: Id, output: Id },
    lie: { input: z.void(), output: Id },
    pause: { input: z.void(), output: z.void() },
    meet: { input: Id, output: z.object({ turn: z.int() }) },
    moor: { input: Id, output: Id, errors: REFUSALS },
  },
  events: { Moved: { version: 1, schema: Id } },
});
const pier = contract('pier', {
  version: '1.0.0',
  team: 'harbour',
  queries: { berth: { input: z.void(), output: z.void(), timeout: '1m' } },
  events: { Landed: { version: 1, schema: Id } },
});
const sweep = saga('sweep', { input: Id, key: ({ id }) => id }).step('sweep', { run: () => null });

/** A crane, and what became of it: the calls that it made, and a gate at which `pause` and `meet` wait. */
async function openCrane() {
  const called: Call[] = [];
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let turns = 0;
  const weather: { bad?: 'STORM' | 'TIDE' | undefined; hesitates?: boolean } = {};
  const definition = service(crane, {
    calls: { pier },
    sagas: [sweep],
    handlers: {
      ask: async (_, { calls }) => calls.pier.berth(),
      lift: ({ id }, { emit }) => (emit('Moved', { id }), { id: `up ${id}` }),
      lower: ({ id }, { emit }) => (emit('Moved', { id }), { id: `down ${id}` }),
      lie: (_, { emit }) => (emit('Moved', { id: 'nowhere' }), {} as never),
      pause: async (_, { emit }) => {
        emit('Moved', { id: 'late' });
        begun.resolve();
        await gate.promise;
      },
      moor: async ({ id }, { emit, fail }) => {
        emit('Moved', { id });
        const { bad, hesitates } = weather;
        if (!bad) return { id: `moored ${id}` };
        begun.resolve();
        if (hesitates) await gate.promise;
        return fail(bad, undefined);
      },
      meet: {
        prepare: async () => {
          const turn = (turns += 1);
          if (turn === 2) gate.resolve();
          await gate.promise;
          return ({ emit }) => (emit('Moved', { id: `turn ${turn}` }), { turn });
        },
      },
    },
  }).on(pier.events.Landed, async ({ data }, { emit, correlationId, start }) => {
    emit('Moved', { id: `${data.id} ${correlationId}` });
    await start(sweep, data);
  });
  const opened = await openTemporaryStore({ service: 'crane', database: definition.database });
  const { store } = opened;
  const call: CallHandler = async (made) => void called.push(made);
  const bus = directBus({ subscribers: new Map(), call, runtime: systemRuntime });
  const parts = {
    definition,
    store,
    call,
    bus,
    runtime: systemRuntime,
    log: silentLogger,
    config: undefined,
    secret: 'hush',
    owner: 'here',
  };
  const host = createHost(parts);
  const send = (operation: string, input?: unknown, options: SendOptions = {}): Promise<unknown> =>
    host.call(
      { service: 'crane', operation, input, metadata: { ...OPERATOR, ...options.metadata } },
      options.signal ?? new AbortController().signal,
    );
  const moves = async (): Promise<unknown[]> => (await store.events.read({ after: 0, limit: 99 })).map(({ data }) => data);
  return { host, store, weather, send, called, begun, gate, moves, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

interface SendOptions {
  readonly metadata?: Partial<CallMetadata>;
  readonly signal?: AbortSignal;
}

const OPERATOR: CallMetadata = {
  identity: anonymous,
  caller: { internal: true, name: 'operator' },
  trace: startTrace(systemRuntime.random),
  correlationId: 'c1',
  remainingMs: 5_000,
  attempt: 1,
};

const landed = (id: string, sequence: number): EventMessage => ({
  specversion: '1.0',
  id: `m-${sequence}`,
  source: '/pier',
  type: 'pier.Landed',
  time: '2026-01-01T00:00:00Z',
  dataschemaversion: 1,
  data: { id },
  sequence: String(sequence),
  correlationid: 'voyage-7',
});

test('a key that another operation was called with names another piece of work', async () => {
  await using at = await openCrane();
  const metadata = { idempotencyKey: 'k1' };
  assert.deepEqual(await at.send('lift', { id: 'a' }, { metadata }), { id: 'up a' });
  assert.deepEqual(await at.send('lower', { id: 'a' }, { metadata }), { id: 'down a' });
});

test('a two-part command that meets itself is done once, and both callers get the same reply', async () => {
  await using at = await openCrane();
  const metadata = { idempotencyKey: 'k1' };
  const [one, other] = await Promise.all([1, 2].map(() => at.send('meet', { id: 'a' }, { metadata })));
  assert.deepEqual(one, other);
  assert.equal((await at.moves()).length, 1);
});

test('a refusal is kept like a reply: a copy of the call that comes late does not succeed behind the back of its caller', async () => {
  await using at = await openCrane();
  const [first, second] = [{ idempotencyKey: 'k1' }, { idempotencyKey: 'k2' }];
  at.weather.bad = 'STORM';
  await assert.rejects(at.send('moor', { id: 'a' }, { metadata: first }), { code: 'STORM' });
  at.weather.bad = undefined;
  await assert.rejects(at.send('moor', { id: 'a' }, { metadata: first }), { code: 'STORM', kind: 'conflict', retryable: false });
  await assert.rejects(at.send('moor', { id: 'b' }, { metadata: first }), { code: 'IDEMPOTENCY_KEY_REUSED' });
  assert.deepEqual(await at.moves(), []);
  assert.deepEqual(await at.send('moor', { id: 'a' }, { metadata: second }), { id: 'moored a' });
});

test('a command that replies nothing replies nothing again', async () => {
  await using at = await openCrane();
  at.gate.resolve();
  const metadata = { idempotencyKey: 'k1' };
  for (let time = 0; time < 2; time += 1) assert.equal(await at.send('pause', undefined, { metadata }), undefined);
  assert.equal((await at.moves()).length, 1);
});

test('a refusal that may pass is not kept', async () => {
  await using at = await openCrane();
  const metadata = { idempotencyKey: 'k1' };
  at.weather.bad = 'TIDE';
  await assert.rejects(at.send('moor', { id: 'a' }, { metadata }), { code: 'TIDE', retryable: true });
  at.weather.bad = undefined;
  assert.deepEqual(await at.send('moor', { id: 'a' }, { metadata }), { id: 'moored a' });
});

test('of two copies of a call that meet, of which one is refused and one is not, both callers hear the same', async () => {
  await using at = await openCrane();
  const metadata = { idempotencyKey: 'k1' };
  Object.assign(at.weather, { bad: 'STORM', hesitates: true });
  const one = at.send('moor', { id: 'a' }, { metadata });
  await at.begun.promise;
  at.weather.bad = undefined;
  // It runs before the refusal of the first one is kept.
  const other = at.send('moor', { id: 'a' }, { metadata });
  at.gate.resolve();
  assert.deepEqual(await Promise.all([one, other]), [{ id: 'moored a' }, { id: 'moored a' }]);
  assert.equal((await at.moves()).length, 1);
});

test('a command whose reply breaks the contract leaves nothing behind', async () => {
  await using at = await openCrane();
  await assert.rejects(at.send('lie', undefined, { metadata: { idempotencyKey: 'k1' } }), { code: 'INVALID_OUTPUT' });
  assert.deepEqual(await at.moves(), []);
});

test('a command whose caller leaves before it is done leaves nothing behind', async () => {
  await using at = await openCrane();
  const caller = new AbortController();
  const pausing = at.send('pause', undefined, { signal: caller.signal });
  await at.begun.promise;
  caller.abort(new Error('gone'));
  at.gate.resolve();
  await assert.rejects(pausing, { code: 'CANCELLED' });
  await at.send('lift', { id: 'next' });
  assert.deepEqual(await at.moves(), [{ id: 'next' }]);
});

test('a call to a neighbour carries no more time than is left for the work itself', async () => {
  await using at = await openCrane();
  await at.send('ask', undefined, { metadata: { remainingMs: 700 } });
  const [{ metadata }] = at.called as [Call];
  assert.ok(metadata.remainingMs > 0 && metadata.remainingMs <= 700, String(metadata.remainingMs));
  assert.equal(metadata.caller.name, 'service:crane');
  assert.equal(metadata.correlationId, 'c1');
});

test('what an event leads to belongs to what led to the event', async () => {
  await using at = await openCrane();
  await at.send('$deliver', { batch: [landed('ship', 1)] });
  const [moved] = await at.store.events.read({ after: 0, limit: 1 });
  assert.deepEqual(moved?.data, { id: 'ship voyage-7' });
  assert.deepEqual([moved?.meta.correlationId, moved?.meta.causationId], ['voyage-7', 'm-1']);
});

test('an operator gets a bounded part of a long log', async () => {
  await using at = await openCrane();
  await at.send('$deliver', { batch: Array.from({ length: 1_100 }, (_, index) => landed('ship', index + 1)) });
  const { events, head } = (await at.send('$events', { limit: 5_000 })) as { events: unknown[]; head: number };
  assert.deepEqual([events.length, head], [1_000, 1_100]);
});

test('a host that has stopped begins no more sagas', async () => {
  await using at = await openCrane();
  at.host.start();
  await at.host.stop();
  await at.send('$deliver', { batch: [landed('ship', 1)] });
  await manyTurns();
  const [waiting] = await at.store.sagas.list({ limit: 1 });
  assert.equal(waiting?.status, 'ready');
});

/** As many turns of the event loop as a coordinator would need to claim and end a saga. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
}
