import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHash } from 'node:crypto';
import { type Generated, sql } from 'kysely';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { canonicalJson, digest, FlotillaError, isFlotillaError, systemRuntime } from '../kernel/index.ts';
import { aggregate } from '../log/index.ts';
import { directBus } from '../messaging/index.ts';
import { saga } from '../saga/index.ts';
import { anonymous } from '../security/index.ts';
import { database } from '../store/index.ts';
import { silentLogger, startTrace } from '../telemetry/index.ts';
import { openTemporaryStore } from '../testing/index.ts';
import type { CallHandler, CallMetadata } from '../transport/index.ts';
import { createHost, service } from './index.ts';

const Note = z.object({ id: z.string(), text: z.string().min(1) });

const notes = contract('notes', {
  version: '1.0.0',
  team: 'office',
  queries: {
    count: { input: z.void(), output: z.int(), access: 'public' },
    scribble: { input: z.void(), output: z.void() },
    lie: { input: z.void(), output: z.object({ id: z.string() }) },
  },
  commands: {
    add: {
      input: Note,
      output: z.object({ number: z.int() }),
      errors: { TAKEN: z.object({ id: z.string() }) },
      access: 'signed-in',
    },
    sign: { input: Note, output: z.object({ name: z.string() }), access: 'public' },
    publish: { input: Note, output: z.object({ receipt: z.string() }), access: 'notes:write' },
    explode: {
      input: z.enum(['surprise', 'neighbour', 'outage', 'bad details']),
      output: z.void(),
      errors: { TAKEN: z.object({}) },
    },
  },
  events: { NoteAdded: { version: 1, schema: Note } },
});

interface Tables {
  note: { number: Generated<number>; id: string };
}
const tables = database<Tables>({
  '001 notes': async (db) => {
    await db.schema
      .createTable('note')
      .addColumn('number', 'integer', (column) => column.primaryKey())
      .addColumn('id', 'text')
      .execute();
  },
});

const archive = aggregate<number, { type: 'Archived'; data: { id: string } }>('archive', {
  initial: 0,
  evolve: (count) => count + 1,
});
const remember = saga('remember', { input: z.object({ id: z.string() }), key: ({ id }) => id }).step('nothing', {
  run: () => null,
});

/** A desk with one service on it, and what its `publish` sent into the world. */
async function openDesk() {
  const sent: string[] = [];
  const definition = service(notes, {
    database: tables,
    sagas: [remember],
    handlers: {
      count: async (_, { db }) => (await db.selectFrom('note').select('number').execute()).length,
      scribble: async (_, { db }) => void (await db.insertInto('note').values({ id: 'ink' }).execute()),
      lie: () => ({ number: 7 }) as never,
      add: async ({ id, text }, { db, emit, change, start, fail }) => {
        await db.insertInto('note').values({ id }).execute();
        emit('NoteAdded', { id, text });
        await change(archive, id, () => [{ type: 'Archived', data: { id } }]);
        await start(remember, { id });
        if (text === 'taken') fail('TAKEN', { id });
        return { number: (await db.selectFrom('note').select('number').execute()).length };
      },
      sign: (_, { newId }) => ({ name: newId() }),
      publish: {
        prepare: async ({ id }, { idempotencyKey }) => {
          sent.push(idempotencyKey);
          return async ({ db }) => {
            await db.insertInto('note').values({ id }).execute();
            return { receipt: `${id} ${sent.length}` };
          };
        },
      },
      explode: (how, { fail }) => {
        if (how === 'surprise') throw new Error('password=hunter2');
        if (how === 'bad details') fail('TAKEN', 'not an object' as never);
        if (how === 'outage') throw new FlotillaError('SERVICE_UNREACHABLE', { kind: 'unavailable', message: 'stock is away' });
        throw new FlotillaError('OUT_OF_STOCK', { kind: 'conflict', message: 'a neighbour said so' });
      },
    },
  });
  const opened = await openTemporaryStore({ service: 'notes', database: definition.database });
  const nobody: CallHandler = () => Promise.reject(new Error('there are no other services'));
  const bus = directBus({ subscribers: new Map(), call: nobody, runtime: systemRuntime });
  const shared = { definition, store: opened.store, call: nobody, bus, runtime: systemRuntime, log: silentLogger };
  const host = createHost({ ...shared, config: undefined, secret: 'hush', owner: 'here' });
  const send = (operation: string, input?: unknown, metadata: Partial<CallMetadata> = {}): Promise<unknown> =>
    host.call({ service: 'notes', operation, input, metadata: { ...asUser('ada'), ...metadata } }, new AbortController().signal);
  return { host, store: opened.store, send, sent, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

function asUser(subject: string | undefined, scopes: string[] = []): CallMetadata {
  return {
    identity: subject === undefined ? anonymous : { subject, roles: [], scopes },
    caller: { internal: false, name: 'gateway' },
    trace: startTrace(systemRuntime.random),
    correlationId: 'c1',
    remainingMs: 5_000,
    attempt: 1,
  };
}

const operator = { caller: { internal: true, name: 'operator' } };
const hasCode = (code: string, kind?: string) => (error: unknown) =>
  isFlotillaError(error) && error.code === code && (kind === undefined || error.kind === kind);

test('a command that ends with a declared error leaves no row, no event and no saga', async () => {
  await using desk = await openDesk();
  const taken = desk.send('add', { id: 'a', text: 'taken' }, { idempotencyKey: 'k1' });
  await assert.rejects(
    taken,
    (error) => hasCode('TAKEN', 'conflict')(error) && (error as FlotillaError).message.includes('notes.add'),
  );
  assert.equal(await desk.send('count'), 0);
  assert.equal(await desk.store.events.head(), 0);
  assert.deepEqual(await desk.store.sagas.list({ limit: 10 }), []);
  assert.deepEqual(await desk.send('add', { id: 'a', text: 'better' }, { idempotencyKey: 'k2' }), { number: 1 });
});

test('a command commits its rows, events and sagas with its reply', async () => {
  await using desk = await openDesk();
  await desk.send('add', { id: 'a', text: 'hello' });
  const events = await desk.store.events.read({ after: 0, limit: 10 });
  assert.deepEqual(
    events.map(({ type, meta }) => [type, meta.actor, meta.correlationId, meta.causationId]),
    [
      ['Archived', 'ada', 'c1', 'notes.add'],
      ['NoteAdded', 'ada', 'c1', 'notes.add'],
    ],
  );
  const [row] = await desk.store.sagas.list({ limit: 10 });
  assert.deepEqual([row?.kind, row?.key], ['remember', 'a']);
});

test('the same idempotency key gives the same reply once, another input is refused, and another user has keys of their own', async () => {
  await using desk = await openDesk();
  const key = { idempotencyKey: 'k1' };
  const replies = await Promise.all(Array.from({ length: 20 }, () => desk.send('add', { id: 'a', text: 'hello' }, key)));
  assert.deepEqual(
    replies,
    Array.from({ length: 20 }, () => ({ number: 1 })),
  );
  await assert.rejects(desk.send('add', { id: 'b', text: 'hello' }, key), hasCode('IDEMPOTENCY_KEY_REUSED', 'conflict'));
  assert.deepEqual(await desk.send('add', { id: 'b', text: 'hi' }, { ...asUser('grace'), ...key }), { number: 2 });
});

test('strangers with one key are kept apart, and what is kept of an input can not be guessed at', async () => {
  await using desk = await openDesk();
  const stranger = { ...asUser(undefined), idempotencyKey: 'k1' };
  const first = await desk.send('sign', { id: 'a', text: 'x' }, stranger);
  assert.deepEqual(await desk.send('sign', { id: 'a', text: 'x' }, stranger), first);
  assert.notDeepEqual(await desk.send('sign', { id: 'b', text: 'x' }, stranger), first);
  const rows = await sql<{ request_hash: string }>`SELECT request_hash FROM flotilla_idempotency`.execute(desk.store.reader);
  const plain = digest({ id: 'a', text: 'x' });
  const bare = createHash('sha256')
    .update(canonicalJson({ id: 'a', text: 'x' }))
    .digest('base64url');
  for (const { request_hash: hash } of rows.rows) assert.ok(hash !== plain && hash !== bare);
});

test('a two-part command that was done before does not ask the outside world again', async () => {
  await using desk = await openDesk();
  const writer = { ...asUser('ada', ['notes:write']), idempotencyKey: 'k1' };
  const first = await desk.send('publish', { id: 'a', text: 'x' }, writer);
  assert.deepEqual(await desk.send('publish', { id: 'a', text: 'x' }, writer), first);
  assert.deepEqual(desk.sent, ['k1'], 'and the outside world saw the key');
});

test('who may call is what the contract says', async () => {
  await using desk = await openDesk();
  assert.equal(await desk.send('count', undefined, asUser(undefined)), 0);
  await assert.rejects(desk.send('add', { id: 'a', text: 'x' }, asUser(undefined)), hasCode('UNAUTHENTICATED'));
  await assert.rejects(desk.send('publish', { id: 'a', text: 'x' }), hasCode('FORBIDDEN'));
  await assert.rejects(desk.send('lie'), hasCode('FORBIDDEN'), 'nothing said means internal');
  await assert.rejects(desk.send('$sagas', {}), hasCode('FORBIDDEN'));
  assert.deepEqual(await desk.send('$sagas', {}, operator), { sagas: [], pauses: { service: false, kinds: [], claimed: [] } });
});

test('a caller learns what the contract declares, and that something is away; everything else stays inside', async () => {
  await using desk = await openDesk();
  const codes = { surprise: 'INTERNAL', neighbour: 'INTERNAL', outage: 'SERVICE_UNREACHABLE', 'bad details': 'INVALID_OUTPUT' };
  for (const [how, code] of Object.entries(codes)) {
    await assert.rejects(desk.send('explode', how, operator), (error) => {
      assert.ok(isFlotillaError(error));
      assert.equal(error.code, code, how);
      assert.doesNotMatch(error.message, /hunter2|neighbour/);
      return true;
    });
  }
  await assert.rejects(desk.send('lie', undefined, operator), hasCode('INVALID_OUTPUT', 'internal'));
});

test('bad input names its path and reaches no handler', async () => {
  await using desk = await openDesk();
  await assert.rejects(desk.send('add', { id: 'a', text: '' }), (error) => {
    assert.ok(isFlotillaError(error) && error.code === 'INVALID_INPUT');
    assert.deepEqual((error.details as { issues: { path: string }[] }).issues[0]?.path, 'text');
    return true;
  });
  await assert.rejects(desk.send('fly'), hasCode('UNKNOWN_OPERATION', 'not-found'));
  await assert.rejects(desk.send('$saga', {}, operator), hasCode('INVALID_INPUT'));
  await assert.rejects(desk.send('$events', { after: -1 }, operator), hasCode('INVALID_INPUT'));
  await assert.rejects(desk.send('$repair', { id: 'x', act: 'explode', operator: 'me' }, operator), hasCode('INVALID_INPUT'));
});

test('a query can not write', async () => {
  await using desk = await openDesk();
  await assert.rejects(desk.send('scribble', undefined, operator), hasCode('INTERNAL'));
  assert.equal(await desk.send('count'), 0);
});

test('background work starts and stops, and health tells how each part is', async () => {
  await using desk = await openDesk();
  desk.host.start();
  await desk.send('add', { id: 'a', text: 'hello' });
  const health = await desk.host.health();
  assert.equal(health.status, 'UP');
  assert.deepEqual(Object.keys(health.components ?? {}), ['store', 'events', 'bus', 'sagas']);
  await desk.host.stop();
  assert.equal(await desk.send('count'), 1, 'calls are still answered for neighbours that finish their work');
});
