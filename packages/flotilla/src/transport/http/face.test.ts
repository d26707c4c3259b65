import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { contract } from '../../contract/index.ts';
import { FlotillaError, systemRuntime } from '../../kernel/index.ts';
import { type Call, createHttpFace, type HttpRequest, type HttpResponse } from '../index.ts';

const systemKey = 'a key that only this system knows';
const Line = z.object({ sku: z.string(), quantity: z.int() });
const shop = contract('shop', {
  version: '1.0.0',
  team: 'shop',
  queries: {
    products: {
      input: z.object({
        limit: z.int().optional(),
        search: z.string().optional(),
        tag: z.array(z.string()).optional(),
        sale: z.boolean().optional(),
      }),
      output: z.unknown(),
      http: 'GET /products',
    },
    product: { input: z.object({ id: z.string() }), output: z.unknown(), http: 'GET /products/{id}' },
    newest: { input: z.object({}), output: z.unknown(), http: 'GET /products/newest' },
    hidden: { input: z.object({ a: z.number() }), output: z.unknown() },
  },
  commands: {
    order: {
      input: z.object({ lines: z.array(Line) }),
      output: z.object({ orderId: z.string() }),
      http: { route: 'POST /orders', status: 202, location: '/orders/{orderId}' },
    },
    change: { input: z.object({ id: z.int(), note: z.string() }), output: z.void(), http: 'PATCH /orders/{id}' },
    clear: { input: z.void(), output: z.void(), http: 'DELETE /orders' },
  },
});

/** A face that notes its calls and answers with `output`, or throws it. */
function open(output?: unknown) {
  const calls: Call[] = [];
  const face = createHttpFace({
    contract: shop,
    systemKey,
    runtime: systemRuntime,
    call: async (call) => {
      calls.push(call);
      if (output instanceof Error) throw output;
      return output;
    },
  });
  const ask = (line: string, body?: string | Uint8Array, headers: Record<string, string> = {}): Promise<HttpResponse> => {
    const [method, target] = line.split(' ') as [string, string];
    const [path, query = ''] = target.split('?') as [string, string?];
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const typed = bytes === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const request: HttpRequest = { method, path, query, headers: typed, body: bytes, remoteAddress: undefined };
    return face(request, new AbortController().signal);
  };
  return { ask, calls };
}
const problem = ({ body }: HttpResponse) => JSON.parse(String(body)) as Record<string, unknown>;

describe('an HTTP face', () => {
  it('answers every operation at /call, with JSON in and out', async () => {
    const { ask, calls } = open({ b: 2 });
    const response = await ask('POST /call/hidden', '{"a":1}');
    assert.deepEqual(response, { status: 200, headers: { 'content-type': 'application/json' }, body: '{"b":2}' });
    assert.equal(calls[0]!.operation, 'hidden');
    assert.deepEqual(calls[0]!.input, { a: 1 });
  });

  it('passes system operations on, and no input as none', async () => {
    const { ask, calls } = open(null);
    assert.equal((await ask('POST /call/$events')).body, 'null');
    assert.deepEqual([calls[0]!.operation, calls[0]!.input], ['$events', undefined]);
  });

  it('answers 204 when there is nothing to send', async () => {
    assert.deepEqual(await open().ask('POST /call/clear'), { status: 204, headers: {}, body: undefined });
    assert.equal((await open().ask('DELETE /orders')).status, 204);
  });

  const inputs: [line: string, body: string | undefined, operation: string, input: unknown][] = [
    ['GET /products', undefined, 'products', {}],
    ['GET /products?limit=5&search=5&sale=true', undefined, 'products', { limit: 5, search: '5', sale: true }],
    ['GET /products?tag=a&tag=b', undefined, 'products', { tag: ['a', 'b'] }],
    ['GET /products?tag=a', undefined, 'products', { tag: ['a'] }],
    ['GET /products?limit=many', undefined, 'products', { limit: 'many' }],
    ['HEAD /products', undefined, 'products', {}],
    ['GET /products/newest', undefined, 'newest', {}],
    ['GET /products/a%20b%3Fc', undefined, 'product', { id: 'a b?c' }],
    ['GET /products/7', undefined, 'product', { id: '7' }],
    ['POST /orders', '{"lines":[]}', 'order', { lines: [] }],
    ['PATCH /orders/7', '{"note":"x"}', 'change', { id: 7, note: 'x' }],
    ['DELETE /orders', undefined, 'clear', undefined],
    ['POST /orders', JSON.stringify({ text: `"${'['.repeat(200)}` }), 'order', { text: `"${'['.repeat(200)}` }],
    ['POST /orders', `{"text":"\\\\","list":[]}`, 'order', { text: '\\', list: [] }],
  ];
  for (const [line, body, operation, input] of inputs) {
    it(`reads ${line} ${body ?? ''} as ${operation} ${JSON.stringify(input)}`, async () => {
      const { ask, calls } = open({ orderId: 'o' });
      await ask(line, body);
      assert.equal(calls[0]?.operation, operation);
      assert.deepEqual(calls[0].input, input);
    });
  }

  it('answers with the status and the location of the binding', async () => {
    const { status, headers, body } = await open({ orderId: 'a/b ä' }).ask('POST /orders', '{"lines":[]}');
    assert.equal(status, 202);
    assert.equal(headers.location, '/orders/a%2Fb%20%C3%A4');
    assert.equal(body, '{"orderId":"a/b ä"}');
  });

  const bad: [
    line: string,
    body: string | Uint8Array | undefined,
    headers: Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ['GET /nothing', undefined, {}, 404, 'NO_SUCH_ROUTE'],
    ['GET /', undefined, {}, 404, 'NO_SUCH_ROUTE'],
    ['GET /products/', undefined, {}, 404, 'NO_SUCH_ROUTE'],
    ['GET /products/1/2', undefined, {}, 404, 'NO_SUCH_ROUTE'],
    ['POST /call/nothing', undefined, {}, 404, 'NO_SUCH_OPERATION'],
    ['POST /call/constructor', undefined, {}, 404, 'NO_SUCH_OPERATION'],
    ['POST /call/', undefined, {}, 404, 'NO_SUCH_OPERATION'],
    ['GET /call/hidden', undefined, {}, 405, 'METHOD_NOT_ALLOWED'],
    ['PUT /orders', '{}', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['GET /products/%ff', undefined, {}, 400, 'MALFORMED_PATH'],
    ['POST /orders', '{"lines":[', {}, 400, 'MALFORMED_JSON'],
    ['POST /orders', new Uint8Array([0x22, 0xff, 0x22]), {}, 400, 'MALFORMED_JSON'],
    ['POST /orders', '['.repeat(101) + ']'.repeat(101), {}, 400, 'MALFORMED_JSON'],
    ['POST /orders', '{}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['POST /orders', '{}', { 'content-type': 'application/json; charset=latin1' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['POST /orders', '{"__proto__":{"a":1}}', {}, 400, 'POISONED_KEY'],
    ['POST /orders', '{"lines":[{"constructor":{"prototype":{}}}]}', {}, 400, 'POISONED_KEY'],
    ['POST /orders', '{"\\u005f_proto__":1}', {}, 400, 'POISONED_KEY'],
    ['GET /products?__proto__=1', undefined, {}, 400, 'POISONED_KEY'],
    ['PATCH /orders/7', '{"id":8,"note":"x"}', {}, 400, 'AMBIGUOUS_INPUT'],
    ['PATCH /orders/7?id=8', '{"note":"x"}', {}, 400, 'AMBIGUOUS_INPUT'],
    ['GET /products?limit=1&limit=2', undefined, {}, 400, 'AMBIGUOUS_INPUT'],
    ['PATCH /orders/7', '[1]', {}, 400, 'INVALID_INPUT'],
    ['POST /orders', '{}', { 'idempotency-key': 'a b' }, 400, 'INVALID_IDEMPOTENCY_KEY'],
    ['POST /orders', '{}', { 'x-request-timeout-ms': '0' }, 504, 'DEADLINE_EXCEEDED'],
  ];
  for (const [line, body, headers, status, code] of bad) {
    it(`answers ${status} ${code} to ${line} ${String(body ?? '').slice(0, 40)} ${JSON.stringify(headers)}`, async () => {
      const { ask, calls } = open();
      const response = await ask(line, body, headers);
      assert.equal(response.status, status, String(response.body));
      assert.equal(response.headers['content-type'], 'application/problem+json');
      assert.equal(problem(response).code, code);
      assert.equal(calls.length, 0);
    });
  }

  it('says which methods a path has', async () => {
    assert.equal((await open().ask('PUT /products')).headers.allow, 'GET, HEAD');
    assert.equal((await open().ask('GET /orders')).headers.allow, 'DELETE, POST');
    assert.equal((await open().ask('OPTIONS /products/1')).headers.allow, 'GET, HEAD');
    assert.equal((await open().ask('GET /call/hidden')).headers.allow, 'POST');
  });

  it('tells a failure of the operation with its details and where it happened', async () => {
    const error = new FlotillaError('OUT_OF_STOCK', { kind: 'conflict', message: 'Only 3 left.', details: { available: 3 } });
    const response = await open(error).ask('POST /orders', '{"lines":[]}', {
      'x-internal-key': systemKey,
      'x-correlation-id': 'c-1',
    });
    assert.deepEqual(problem(response), {
      type: 'https://flotilla.dev/errors/OUT_OF_STOCK',
      title: 'In conflict with the present state',
      status: 409,
      detail: 'Only 3 left.',
      instance: '/orders',
      code: 'OUT_OF_STOCK',
      kind: 'conflict',
      retryable: false,
      request_id: 'c-1',
      details: { available: 3 },
    });
  });

  it('believes who calls only with the key of the system', async () => {
    const claims = { 'x-user-id': 'admin', 'x-user-roles': 'admin', 'x-caller': 'service:orders', 'x-correlation-id': 'c-1' };
    const { ask, calls } = open();
    await ask('POST /call/clear', undefined, claims);
    await ask('POST /call/clear', undefined, { ...claims, 'x-internal-key': systemKey.replace('a', 'b') });
    await ask('POST /call/clear', undefined, { ...claims, 'x-internal-key': systemKey });
    assert.deepEqual(
      calls.map(({ metadata }) => [metadata.caller.name, metadata.identity.subject]),
      [
        ['outside', undefined],
        ['outside', undefined],
        ['service:orders', 'admin'],
      ],
    );
    assert.notEqual(calls[0]!.metadata.correlationId, 'c-1');
  });
});
