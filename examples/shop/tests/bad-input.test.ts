import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSigningKey, createTokenIssuer } from 'flotilla/security';
import { systemRuntime } from 'flotilla/kernel';
import { type Answer, basket, Browser } from './support/browser.ts';
import { Shop } from './support/shop.ts';

let shop: Shop;
let ada: Browser;
before(async () => {
  shop = await Shop.open();
  ada = await Browser.signedIn(shop.url);
});
// Whatever was tried above, nothing has happened.
after(async () => {
  try {
    assert.deepEqual(await ada.all('/api/orders'), []);
    assert.deepEqual(await ada.stock('TEA-DARJ-100'), { available: 100_000, reserved: 0 });
  } finally {
    await shop[Symbol.asyncDispose]();
  }
});

/** The answer is a problem (RFC 9457) that says what is wrong and nothing about our insides. */
function assertProblem({ status, headers, body }: Answer, expected: { status: number; code?: string; says?: RegExp }): void {
  const { status: _, ...rest } = expected;
  assert.equal(status, expected.status, JSON.stringify(body));
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.equal(body.status, status);
  assert.ok(body.title && body.type && body.request_id, JSON.stringify(body));
  if (rest.code) assert.equal(body.code, rest.code);
  if (rest.says) assert.match(body.detail, rest.says);
  assert.doesNotMatch(JSON.stringify(body), /\.ts:\d|node_modules|SQLITE|\n\s+at /);
}

const json = { 'content-type': 'application/json' };
const order = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json): Promise<Answer> =>
  ada.send('/api/orders', { method: 'POST', headers, body });

test('text that is not JSON', async () => {
  for (const body of ['{"lines":', '', 'lines=1', '{"lines":[]}}', '\u0000']) assertProblem(await order(body), { status: 400 });
  assertProblem(await order('{"lines":'), { status: 400, code: 'MALFORMED_JSON' });
  assertProblem(await order(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), { status: 400 });
});

test('a content type that is not JSON', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml']) {
    assertProblem(await order(JSON.stringify(basket()), { 'content-type': type }), {
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
  }
});

test('a body that is too large', async () => {
  const answer = await order(JSON.stringify({ ...basket(), padding: 'x'.repeat(2 * 1024 * 1024) }));
  assertProblem(answer, { status: 413, code: 'BODY_TOO_LARGE' });
});

test('a product that does not exist is named', async () => {
  const lines = [
    { sku: 'TEA-DARJ-100', quantity: 1 },
    { sku: 'SUBMARINE', quantity: 1 },
  ];
  assertProblem(await ada.post('/api/orders', basket({ lines })), { status: 400, code: 'UNKNOWN_PRODUCT', says: /SUBMARINE/ });
});

for (const quantity of [0, -1, 1e9, 1.5, '2', null, true, 1e308, [1]]) {
  test(`a quantity of ${JSON.stringify(quantity)}`, async () => {
    const answer = await ada.post('/api/orders', { ...basket(), lines: [{ sku: 'TEA-DARJ-100', quantity }] });
    assertProblem(answer, { status: 400, code: 'INVALID_INPUT', says: /lines\.0\.quantity/ });
  });
}

test('no lines, too many lines, and the same sku on two lines', async () => {
  const line = { sku: 'TEA-DARJ-100', quantity: 1 };
  const many = Array.from({ length: 51 }, (_, index) => ({ sku: `SKU-${index}`, quantity: 1 }));
  for (const lines of [[], many, 'all of them', {}, undefined]) {
    assertProblem(await ada.post('/api/orders', { ...basket(), lines }), { status: 400, code: 'INVALID_INPUT', says: /lines/ });
  }
  assertProblem(await ada.post('/api/orders', basket({ lines: [line, line] })), { status: 400, says: /lines\.1\.sku/ });
});

test('an address, a payment token or a body that is none', async () => {
  const { shipTo, ...rest } = basket();
  for (const [wrong, path] of [
    [rest, 'shipTo'],
    [{ ...rest, shipTo: { ...shipTo, country: 'Germany' } }, 'shipTo.country'],
    [{ ...rest, shipTo: { ...shipTo, name: ' ' } }, 'shipTo.name'],
    [{ ...rest, shipTo, paymentToken: 'cash' }, 'paymentToken'],
    [[], ''],
    [null, ''],
    ['order', ''],
  ] as const) {
    assertProblem(await ada.post('/api/orders', wrong), { status: 400, says: new RegExp(path.replace('.', '\\.')) });
  }
});

test('keys that reach for a prototype', async () => {
  const body = JSON.stringify(basket());
  for (const poison of [
    '"__proto__":{"admin":true}',
    '"constructor":{"prototype":{"admin":true}}',
    '"\\u005f_proto__":{"admin":true}',
  ]) {
    assertProblem(await order(`{${poison},${body.slice(1)}`), { status: 400, code: 'POISONED_KEY' });
  }
  assertProblem(await order(body.replace('"country"', '"__proto__":{"admin":true},"country"')), {
    status: 400,
    code: 'POISONED_KEY',
  });
});

test('a token that is missing, forged, expired or for somewhere else', async () => {
  const key = await createSigningKey(systemRuntime.ids);
  const us = { issuer: 'shop', audience: 'shop', ttl: '1h', runtime: systemRuntime } as const;
  const forged = await createTokenIssuer({ key, ...us }).issue({ subject: 'ada', roles: ['clerk'], scopes: ['stock:write'] });
  const [header, payload] = forged.split('.');
  const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
  const tokens = [undefined, '', 'x', forged, unsigned, `${header}.${payload}.`, 'a'.repeat(9000)];
  for (const token of tokens) {
    const stranger = new Browser(shop.url, token);
    for (const answer of [await stranger.post('/api/orders', basket()), await stranger.get('/api/orders')]) {
      assertProblem(answer, { status: 401 });
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
  }
});

test('a customer may not do what clerks do', async () => {
  const delivery = { sku: 'TEA-DARJ-100', quantity: 5 };
  assertProblem(await ada.post('/api/deliveries', delivery), { status: 403 });
  assertProblem(await new Browser(shop.url).post('/api/deliveries', delivery), { status: 401 });
  const posing = {
    'x-user-id': 'u',
    'x-user-roles': 'clerk',
    'x-user-scopes': 'stock:write',
    'x-caller': 'operator',
    'x-internal-key': 'x',
  };
  assertProblem(await ada.post('/api/deliveries', delivery, posing), { status: 403 });
});

test('addresses that lead nowhere, and the inside of the shop', async () => {
  const paths = [
    '/',
    '/api',
    '/api/nowhere',
    '/api/payments/charge',
    '/payments/call/charge',
    '/orders/call/place',
    '/api/orders/call/place',
  ];
  for (const path of paths) assertProblem(await ada.post(path, {}), { status: 404 });
  for (const path of ['/api/nowhere', '/users/.well-known/jwks.json', '/api/users/../../payments/call/charge']) {
    assertProblem(await ada.get(path), { status: 404 });
  }
});

test('a method the address does not know', async () => {
  for (const [method, path, allowed] of [
    ['DELETE', '/api/orders', ['GET', 'POST']],
    ['POST', '/api/products', ['GET']],
    ['PUT', '/api/users', ['POST']],
    ['PATCH', '/api/stock/TEA-DARJ-100', ['GET']],
  ] as const) {
    const answer = await ada.send(path, { method });
    assertProblem(answer, { status: 405, code: 'METHOD_NOT_ALLOWED' });
    const allow = (answer.headers.get('allow') ?? '').split(/, */);
    for (const one of allowed) assert.ok(allow.includes(one), `${method} ${path}: Allow is ${allow.join(', ')}`);
    assert.ok(!allow.includes(method));
  }
});

test('people who cannot be registered', async () => {
  const person = { email: 'eve@example.com', name: 'Eve', password: 'long enough' };
  for (const wrong of [
    { ...person, email: 'eve' },
    { ...person, password: 'short' },
    { ...person, password: 'x'.repeat(201) },
    { ...person, name: '  ' },
    { email: person.email },
  ]) {
    assertProblem(await ada.post('/api/users', wrong), { status: 400, code: 'INVALID_INPUT' });
  }
  assertProblem(await ada.post('/api/sessions', { email: person.email, password: person.password }), { status: 401 });
});

test('lists asked for in pages that are none', async () => {
  for (const query of ['limit=0', 'limit=101', 'limit=1.5', 'limit=many', 'limit=-1', 'cursor=']) {
    assertProblem(await ada.get(`/api/orders?${query}`), { status: 400, code: 'INVALID_INPUT' });
  }
  assertProblem(await ada.get(`/api/products?search=${'x'.repeat(101)}`), { status: 400, code: 'INVALID_INPUT' });
});
