import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose';
import { createFakeRuntime } from '../testing/index.ts';
import { createSigningKey, createTokenIssuer, publicJwks, type SigningKey } from './tokens.ts';
import { createTokenVerifier } from './verifier.ts';

const ISSUER = 'https://shop.example';
const AUDIENCE = 'shop';
const signal = new AbortController().signal;

/** An issuer with one key, its key set behind a counter, and a verifier that trusts it. */
async function createRig(document?: unknown) {
  const runtime = createFakeRuntime();
  const key = await createSigningKey(runtime.ids);
  const served = { document: document ?? publicJwks([key]), fetches: 0 } as { document: unknown; fetches: number };
  const jwks = async (): Promise<unknown> => {
    served.fetches += 1;
    if (served.document instanceof Error) throw served.document;
    return served.document;
  };
  const verifier = createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks, runtime });
  return {
    runtime,
    key,
    served,
    now: () => Math.floor(runtime.clock.now() / 1000),
    verify: (token: string) => verifier.verify(token, signal),
    issue: (with_: SigningKey = key, ttl = 3_600_000) =>
      createTokenIssuer({ key: with_, issuer: ISSUER, audience: AUDIENCE, ttl, runtime }).issue({
        subject: 'u-1',
        roles: ['customer'],
        scopes: ['orders:read'],
      }),
    /** A token with exactly these claims over good ones; `undefined` leaves a claim out. */
    sign: (claims: Record<string, unknown>, header: Partial<JWTHeaderParameters> = {}) => {
      const good = { iss: ISSUER, aud: AUDIENCE, sub: 'u-1', exp: Math.floor(runtime.clock.now() / 1000) + 3600 };
      return new SignJWT({ ...good, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key);
    },
  };
}

const refused = { code: 'INVALID_TOKEN', kind: 'unauthenticated' };
const unavailable = { code: 'KEYS_UNAVAILABLE', kind: 'unavailable', retryable: true };

test('a token of the issuer gives the identity it was issued for', async () => {
  const rig = await createRig();
  assert.deepEqual(await rig.verify(await rig.issue()), { subject: 'u-1', roles: ['customer'], scopes: ['orders:read'] });
});

test('expiry and start are judged with 30 seconds of leeway, both ways', async () => {
  const rig = await createRig();
  await rig.verify(await rig.sign({ exp: rig.now() - 29 }));
  await assert.rejects(rig.verify(await rig.sign({ exp: rig.now() - 31 })), refused);
  await rig.verify(await rig.sign({ nbf: rig.now() + 29 }));
  await assert.rejects(rig.verify(await rig.sign({ nbf: rig.now() + 31 })), refused);
});

test('claims that are missing, foreign or of the wrong type are refused', async () => {
  const rig = await createRig();
  const bad: Record<string, unknown>[] = [
    { exp: undefined },
    { exp: String(rig.now() + 60) },
    { exp: 1e20 },
    { exp: null },
    { nbf: 'soon' },
    { iss: 'https://elsewhere' },
    { iss: undefined },
    { aud: 'another' },
    { aud: ['another', 'third'] },
    { aud: undefined },
    { sub: undefined },
    { sub: '' },
    { sub: 'two\nlines' },
    { sub: 42 },
  ];
  for (const claims of bad) {
    await assert.rejects(rig.verify(await rig.sign(claims)), refused, JSON.stringify(claims));
  }
  await rig.verify(await rig.sign({ aud: ['another', AUDIENCE] }));
});

test('scopes and roles are read as a list and as text; what is no name is left out', async () => {
  const rig = await createRig();
  const read = async (claims: Record<string, unknown>) => rig.verify(await rig.sign(claims));
  assert.deepEqual((await read({ scope: 'a:read b:write' })).scopes, ['a:read', 'b:write']);
  assert.deepEqual((await read({ scope: ['a:read', 'b:write'] })).scopes, ['a:read', 'b:write']);
  assert.deepEqual((await read({ scopes: ['a:read'], scope: 'a:read' })).scopes, ['a:read']);
  assert.deepEqual((await read({ roles: 'admin' })).roles, ['admin']);
  const odd = await read({ roles: ['clerk', 7, 'r\r\nx', '', null, '\ud800', 'Domain Users'], scope: { a: 1 } });
  assert.deepEqual([odd.roles, odd.scopes], [['clerk', 'Domain Users'], []]);
});

test('only the pinned algorithms pass, and the key decides which', async () => {
  const rig = await createRig();
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'u-1', exp: rig.now() + 60 };
  const unsecured = new UnsecuredJWT(claims).encode();
  await assert.rejects(rig.verify(unsecured), refused);
  const header = Buffer.from(JSON.stringify({ alg: 'none', kid: rig.key.kid, typ: 'at+jwt' })).toString('base64url');
  await assert.rejects(rig.verify(`${header}.${unsecured.split('.')[1]}.`), refused);
  // The old confusion: the published key's own text as the shared secret.
  const secret = new TextEncoder().encode(JSON.stringify(publicJwks([rig.key]).keys[0]));
  const shared = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: rig.key.kid, typ: 'at+jwt' }).sign(secret);
  await assert.rejects(rig.verify(shared), refused);
});

test('RS256 and EdDSA keys verify, encryption keys, symmetric keys and keys for other algorithms do not', async () => {
  const pairs = await Promise.all(['RS256', 'EdDSA', 'ES384'].map((alg) => generateKeyPair(alg, { extractable: true })));
  const [rsa, ed, ec384] = await Promise.all(
    pairs.map(async ({ privateKey, publicKey }, index) => ({
      privateKey,
      jwk: { ...(await exportJWK(publicKey)), kid: `k${index}` },
    })),
  );
  const encryption: JWK = { ...rsa!.jwk, kid: 'enc', use: 'enc' };
  const keys = [
    rsa!.jwk,
    ed!.jwk,
    ec384!.jwk,
    encryption,
    { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' },
    null,
    { kty: 'RSA', kid: 'broken' },
  ];
  const rig = await createRig({ keys });
  const sign = (alg: string, kid: string, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'u-1', exp: rig.now() + 60 })
      .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
      .sign(key);
  await rig.verify(await sign('RS256', 'k0', rsa!.privateKey));
  await rig.verify(await sign('EdDSA', 'k1', ed!.privateKey));
  await assert.rejects(rig.verify(await sign('ES384', 'k2', ec384!.privateKey)), refused);
  await assert.rejects(rig.verify(await sign('RS256', 'enc', rsa!.privateKey)), refused);
  await assert.rejects(rig.verify(await sign('HS256', 'oct', new TextEncoder().encode('secret'))), refused);
  await assert.rejects(rig.verify(await sign('RS256', 'broken', rsa!.privateKey)), refused);
});

test('keys that a token brings along are not used', async () => {
  const rig = await createRig();
  const mallory = await createSigningKey(rig.runtime.ids);
  const token = await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'admin', exp: rig.now() + 60 })
    .setProtectedHeader({
      alg: 'ES256',
      kid: mallory.kid,
      typ: 'at+jwt',
      jwk: publicJwks([mallory]).keys[0]!,
      jku: 'https://mallory.example/jwks',
    })
    .sign(mallory);
  await assert.rejects(rig.verify(token), refused);
});

test('what is signed for another purpose, is too long, or is no token at all is refused', async () => {
  const rig = await createRig();
  await assert.rejects(rig.verify(await rig.sign({}, { typ: 'JWT' })), refused);
  await assert.rejects(rig.verify(await rig.sign({ padding: 'x'.repeat(8192) })), refused);
  await assert.rejects(rig.verify(await rig.sign({}, { kid: undefined as never })), refused);
  for (const junk of ['', 'a.b.c', '....', 'x', '\u0000', 'e30.e30.x']) await assert.rejects(rig.verify(junk), refused);
  const token = await rig.issue();
  await assert.rejects(rig.verify(`${token.slice(0, -4)}AAAA`), refused);
});

test('a remembered token is refused once it has expired', async () => {
  const rig = await createRig();
  const token = await rig.issue(rig.key, 60_000);
  await rig.verify(token);
  await rig.runtime.clock.advance(89_000);
  await rig.verify(token);
  await rig.runtime.clock.advance(1_000);
  await assert.rejects(rig.verify(token), refused);
});

test('a remembered token is found by its whole text: another signature is another token', async () => {
  const rig = await createRig();
  const token = await rig.issue();
  await rig.verify(token);
  const [header, payload] = token.split('.');
  await assert.rejects(rig.verify(`${header}.${payload}.${'A'.repeat(86)}`), refused);
});

test('ten thousand made-up key ids cause one fetch, and known ids go on undisturbed', async () => {
  const rig = await createRig();
  const good = await rig.issue();
  await rig.verify(good);
  assert.equal(rig.served.fetches, 1);
  const [, payload, signature] = good.split('.');
  const forge = (kid: string): string =>
    `${Buffer.from(JSON.stringify({ alg: 'ES256', kid, typ: 'at+jwt' })).toString('base64url')}.${payload}.${signature}`;
  const flood = Array.from({ length: 10_000 }, (_, index) => rig.verify(forge(`made-up-${index}`)));
  await rig.verify(good);
  const outcomes = await Promise.allSettled(flood);
  assert.ok(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason.code === 'INVALID_TOKEN'));
  assert.equal(rig.served.fetches, 2);
  await rig.runtime.clock.advance(30_000);
  await assert.rejects(rig.verify(forge('later')), refused);
  assert.equal(rig.served.fetches, 3);
});

test('a new key is picked up by the first token that it signed', async () => {
  const rig = await createRig();
  await rig.verify(await rig.issue());
  const next = await createSigningKey(rig.runtime.ids);
  rig.served.document = publicJwks([rig.key, next]);
  await rig.verify(await rig.issue(next));
  assert.equal(rig.served.fetches, 2);
});

test('a withdrawn key is refused after the next refresh, remembered tokens included', async () => {
  const rig = await createRig();
  const token = await rig.issue();
  await rig.verify(token);
  rig.served.document = publicJwks([await createSigningKey(rig.runtime.ids)]);
  await rig.verify(token);
  await rig.runtime.clock.advance(600_000);
  await assert.rejects(rig.verify(token), refused);
});

test('another key under an old id is fetched when a signature fails, at most once in a while', async () => {
  const rig = await createRig();
  const old = await rig.issue();
  await rig.verify(old);
  const next = { ...(await createSigningKey(rig.runtime.ids)), kid: rig.key.kid };
  rig.served.document = publicJwks([next]);
  await rig.verify(await rig.issue(next));
  await assert.rejects(rig.verify(old), refused);
  await assert.rejects(rig.verify(`${old.slice(0, -4)}AAAA`), refused);
  assert.equal(rig.served.fetches, 2);
});

test('keys stay in use for an hour past their time when the issuer fails, and no longer', async () => {
  const bad = [new Error('500'), '<html>', { keys: [] }, { keys: Array.from({ length: 101 }, () => ({})) }, null];
  for (const document of bad) {
    const rig = await createRig();
    const token = await rig.issue(rig.key, 24 * 3_600_000);
    await rig.verify(token);
    rig.served.document = document;
    await rig.runtime.clock.advance(600_000 + 3_599_000);
    await rig.verify(token);
    await rig.runtime.clock.advance(1_000);
    await assert.rejects(rig.verify(token), unavailable);
  }
});

test('without any keys the answer is that nobody can tell, and the issuer is asked again soon', async () => {
  const rig = await createRig(new Error('not up yet'));
  const token = await rig.issue();
  const together = await Promise.allSettled([rig.verify(token), rig.verify(token), rig.verify(token)]);
  assert.ok(together.every((outcome) => outcome.status === 'rejected' && outcome.reason.code === 'KEYS_UNAVAILABLE'));
  await assert.rejects(rig.verify(token), unavailable);
  assert.equal(rig.served.fetches, 1);
  rig.served.document = publicJwks([rig.key]);
  await rig.runtime.clock.advance(1_000);
  await rig.verify(token);
});

test('an issuer that never answers is given up after five seconds', async () => {
  const runtime = createFakeRuntime();
  const key = await createSigningKey(runtime.ids);
  const options = { issuer: ISSUER, audience: AUDIENCE, runtime };
  const verifier = createTokenVerifier({ ...options, jwks: () => new Promise(() => undefined) });
  const token = await createTokenIssuer({ ...options, key, ttl: '1h' }).issue({ subject: 'u', roles: [], scopes: [] });
  const rejected = assert.rejects(verifier.verify(token, signal), unavailable);
  await runtime.clock.advance(5_000);
  await rejected;
  assert.equal(runtime.clock.pending, 0);
});

test('a caller who leaves while keys are fetched is let go at once, and the others still get them', async () => {
  const runtime = createFakeRuntime();
  const key = await createSigningKey(runtime.ids);
  const options = { issuer: ISSUER, audience: AUDIENCE, runtime };
  const document = Promise.withResolvers<unknown>();
  const verifier = createTokenVerifier({ ...options, jwks: () => document.promise });
  const token = await createTokenIssuer({ ...options, key, ttl: '1h' }).issue({ subject: 'u', roles: [], scopes: [] });
  const leaving = new AbortController();
  const left = assert.rejects(verifier.verify(token, leaving.signal), { code: 'CANCELLED' });
  const staying = verifier.verify(token, signal);
  leaving.abort();
  await left;
  document.resolve(publicJwks([key]));
  assert.equal((await staying).subject, 'u');
});

test('keys are renewed in the background before they grow old, so that nobody waits', async () => {
  const rig = await createRig();
  const token = await rig.issue();
  await rig.verify(token);
  await rig.runtime.clock.advance(480_000);
  await rig.verify(token);
  assert.equal(rig.served.fetches, 2);
});
