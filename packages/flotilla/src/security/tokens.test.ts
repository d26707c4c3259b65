import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createFakeRuntime } from '../testing/index.ts';
import { createSigningKey, createTokenIssuer, publicJwks } from './tokens.ts';

test('a token says who, for whom, what they may do and until when', async () => {
  const runtime = createFakeRuntime();
  const key = await createSigningKey(runtime.ids);
  const issuer = createTokenIssuer({ key, issuer: 'https://shop', audience: 'shop', ttl: '15m', runtime });
  const token = await issuer.issue({ subject: 'u-1', roles: ['customer'], scopes: ['orders:read', 'orders:write'] });
  const now = runtime.clock.now() / 1000;
  assert.deepEqual(decodeProtectedHeader(token), { alg: 'ES256', kid: key.kid, typ: 'at+jwt' });
  const { jti, ...claims } = decodeJwt(token);
  assert.match(String(jti), /^[0-9a-f-]{36}$/);
  assert.deepEqual(claims, {
    iss: 'https://shop',
    aud: 'shop',
    sub: 'u-1',
    iat: now,
    exp: now + 900,
    roles: ['customer'],
    scope: 'orders:read orders:write',
  });
});

test('the published key set holds nothing private', async () => {
  const key = await createSigningKey(createFakeRuntime().ids);
  assert.equal(typeof key.d, 'string');
  const { keys } = publicJwks([key]);
  assert.deepEqual(Object.keys(keys[0]!).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

test('a signing key survives being stored as JSON', async () => {
  const runtime = createFakeRuntime();
  const key = JSON.parse(JSON.stringify(await createSigningKey(runtime.ids)));
  const issuer = createTokenIssuer({ key, issuer: 'i', audience: 'a', ttl: 1000, runtime });
  assert.match(await issuer.issue({ subject: 'u', roles: [], scopes: [] }), /^[\w-]+\.[\w-]+\.[\w-]+$/);
});
