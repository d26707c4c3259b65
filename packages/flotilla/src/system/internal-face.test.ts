import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '../transport/index.ts';
import { createInternalFace } from './internal-face.ts';

const KEY = 'the key of the system';
const ask = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
  const face = createInternalFace({
    network: {
      localFace: (service) => (service === 'orders' ? async () => ({ status: 204, headers: {}, body: undefined }) : undefined),
    },
    ownAnswers: async () => ({ status: 200, headers: {}, body: '{}' }),
    metrics: () => 'flotilla_calls_total 1\n',
    systemKey: KEY,
  });
  const request: HttpRequest = { method: 'GET', path, query: '', headers, body: undefined, remoteAddress: undefined };
  return (await face(request, new AbortController().signal)).status;
};

test('metrics are for who holds the key, in either header', async () => {
  assert.equal(await ask('/metrics'), 401);
  assert.equal(await ask('/metrics', { authorization: 'Bearer nearly' }), 401);
  assert.equal(await ask('/metrics', { authorization: KEY }), 401);
  assert.equal(await ask('/metrics', { authorization: `Bearer ${KEY}` }), 200);
  assert.equal(await ask('/metrics', { 'x-internal-key': KEY }), 200);
});

test('services of the process are below their names, and nothing else is there', async () => {
  assert.deepEqual(
    [await ask('/orders/1'), await ask('/catalog/1'), await ask('/orders'), await ask('/health')],
    [204, 404, 404, 200],
  );
});
