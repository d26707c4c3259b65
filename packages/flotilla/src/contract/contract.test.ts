import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { isFlotillaError } from '../kernel/index.ts';
import { contract, findOperation, operationsOf, validateInput, validateOutput } from './index.ts';

const base = { version: '1.0.0', team: 'warehouse' };
const nothing = { input: z.void(), output: z.void() };
const refused = (words: string) => (error: unknown) =>
  isFlotillaError(error) && error.code === 'INVALID_CONTRACT' && error.message.includes(words);

test('a contract fills in what was left out', () => {
  const stock = contract('inventory', {
    ...base,
    queries: { stock: { ...nothing, http: 'GET /stock/{sku}', timeout: '500ms', cache: '30s' } },
    commands: { reserve: { ...nothing, errors: { OUT_OF_STOCK: z.object({}), GONE: { kind: 'not-found', details: z.null() } } } },
    events: { StockReserved: { version: 2, schema: z.object({}) } },
  });
  const { stock: query } = stock.queries;
  assert.equal(query.id, 'inventory.stock');
  assert.deepEqual([query.timeoutMs, query.cacheMs, query.access], [500, 30_000, 'internal']);
  assert.deepEqual([query.http?.method, query.http?.path], ['GET', '/stock/{sku}']);
  assert.equal(stock.commands.reserve.errors['OUT_OF_STOCK']?.kind, 'conflict');
  assert.equal(stock.commands.reserve.errors['GONE']?.kind, 'not-found');
  assert.equal(stock.events.StockReserved.id, 'inventory.StockReserved');
  assert.deepEqual(
    operationsOf(stock).map(({ name }) => name),
    ['stock', 'reserve'],
  );
  assert.equal(findOperation(stock, 'reserve')?.kind, 'command');
  assert.equal(findOperation(stock, 'toString'), undefined);
});

test('a stream is an operation whose output is an item', () => {
  const item = z.object({ level: z.int() });
  const stock = contract('inventory', {
    ...base,
    streams: { levels: { input: z.void(), item, http: 'GET /stock/events', timeout: '1m', access: 'public' } },
  });
  const { levels } = stock.streams;
  assert.deepEqual(
    [levels.kind, levels.id, levels.timeoutMs, levels.http?.path],
    ['stream', 'inventory.levels', 60_000, '/stock/events'],
  );
  assert.equal(levels.output, item);
  assert.equal(findOperation(stock, 'levels'), levels);
  assert.throws(
    () => contract('inventory', { ...base, streams: { levels: { input: z.void(), item, http: 'POST /x' as 'GET /x' } } }),
    refused('with GET'),
  );
  assert.throws(
    () => contract('inventory', { ...base, queries: { levels: nothing }, streams: { levels: { input: z.void(), item } } }),
    refused('query levels and by stream levels'),
  );
});

test('what is not well formed is refused by name', () => {
  assert.throws(() => contract('Inventory', base), refused('Inventory'));
  assert.throws(() => contract('inventory', { ...base, version: 'one' }), refused("'one'"));
  assert.throws(() => contract('inventory', { ...base, queries: { 'get-stock': nothing } }), refused('inventory.get-stock'));
  assert.throws(() => contract('inventory', { ...base, queries: { constructor: nothing } }), refused('inventory.constructor'));
  assert.throws(
    () => contract('inventory', { ...base, queries: { stock: { ...nothing, timeout: '5 weeks' as '5s' } } }),
    refused('5 weeks'),
  );
  assert.throws(
    () => contract('inventory', { ...base, queries: { stock: { ...nothing, http: 'FETCH /x' as 'GET /x' } } }),
    refused('FETCH'),
  );
  assert.throws(
    () => contract('inventory', { ...base, events: { Gone: { version: 0, schema: z.null() } } }),
    refused('inventory.Gone'),
  );
});

test('one name and one route belong to one operation', () => {
  assert.throws(
    () => contract('inventory', { ...base, queries: { stock: nothing }, commands: { stock: nothing } }),
    refused("'stock'"),
  );
  const route = (http: 'GET /stock/{sku}' | 'GET /stock/{id}') => ({ ...nothing, http });
  assert.throws(
    () => contract('inventory', { ...base, queries: { a: route('GET /stock/{sku}'), b: route('GET /stock/{id}') } }),
    refused('GET /stock/{}'),
  );
});

test('a bad input lists every issue with its path; a bad output is our own fault', () => {
  const Order = z.object({ lines: z.array(z.object({ quantity: z.int().min(1) })), email: z.string() });
  assert.throws(
    () => validateInput(Order, { lines: [{ quantity: 0 }] }, 'The order'),
    (error) => {
      assert.ok(isFlotillaError(error));
      assert.deepEqual([error.code, error.kind], ['INVALID_INPUT', 'invalid']);
      const { issues } = error.details as { issues: { path: string }[] };
      assert.deepEqual(
        issues.map(({ path }) => path),
        ['lines.0.quantity', 'email'],
      );
      return true;
    },
  );
  assert.throws(
    () => validateOutput(Order, {}, 'orders.get'),
    (error) => {
      assert.ok(isFlotillaError(error));
      assert.deepEqual([error.code, error.kind], ['INVALID_OUTPUT', 'internal']);
      assert.ok(!error.message.includes('email'), 'what is wrong inside stays in the log');
      return true;
    },
  );
});

test('any library that speaks Standard Schema will do, also an asynchronous one', async () => {
  const later = {
    '~standard': { version: 1, vendor: 'here', validate: async (value: unknown) => ({ value: `${String(value)}!` }) },
  } as const;
  assert.equal(await validateInput(later, 'hello', 'x'), 'hello!');
});
