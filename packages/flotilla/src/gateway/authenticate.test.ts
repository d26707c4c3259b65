import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { AUTH, createRig, problemOf, SYSTEM_KEY } from './test/rig.ts';

const YAML = `
${AUTH}
routes:
  - { path: /mine, service: orders, auth_required: true }
  - { path: /open, service: catalog }
`;

test('a signed-in user reaches the service as somebody, and the token goes no further', async () => {
  const rig = await createRig(YAML);
  assert.equal((await rig.send('/mine', { headers: await rig.signIn('ann', ['orders:read', 'orders:write']) })).status, 200);
  const { headers } = rig.seen[0]!;
  assert.deepEqual(
    ['x-user-id', 'x-user-roles', 'x-user-scopes', 'x-caller', 'x-internal-key', 'authorization'].map((name) => headers[name]),
    ['ann', 'customer', 'orders:read,orders:write', 'gateway', SYSTEM_KEY, undefined],
  );
});

test('names cannot grow into others on the way to the service', async () => {
  const rig = await createRig(YAML);
  await rig.send('/mine', { headers: await rig.signIn('ann%2Cbob', ['a,admin', 'b%2Cadmin', 'é']) });
  const { headers } = rig.seen[0]!;
  assert.equal(headers['x-user-id'], 'ann%252Cbob');
  assert.equal(headers['x-user-scopes'], 'a%2Cadmin,b%252Cadmin,%C3%A9');
});

test('bad tokens are counted for the network that they come from, and for nobody else', async () => {
  const rig = await createRig(`${AUTH}\nroutes: [{ path: /mine, service: orders, auth_required: true, rate_limit: 3/minute }]`);
  const bad = { authorization: 'Bearer no.such.token' };
  const statuses: number[] = [];
  for (let tries = 0; tries < 5; tries += 1) statuses.push((await rig.send('/mine', { headers: bad })).status);
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  assert.equal((await rig.send('/mine', { headers: bad, from: '198.51.100.7' })).status, 401);
  assert.equal((await rig.send('/mine', { headers: await rig.signIn('ann') })).status, 200);
});

test('without a token a signed-in route answers 401 with a bare challenge', async () => {
  const rig = await createRig(YAML);
  const response = await rig.send('/mine');
  assert.deepEqual(
    [response.status, response.headers['www-authenticate'], problemOf(response).code],
    [401, 'Bearer', 'UNAUTHENTICATED'],
  );
  assert.equal(rig.seen.length, 0);
});

test('a token that is no good is refused, also where none is needed', async () => {
  const rig = await createRig(YAML);
  const { authorization } = await rig.signIn('ann');
  const bad = [`${authorization.slice(0, -4)}AAAA`, 'Bearer x', 'Bearer', 'Basic YTpi', '', `${authorization} x`, 'Bearer a b'];
  for (const path of ['/mine', '/open']) {
    for (const value of bad) {
      const response = await rig.send(path, { headers: { authorization: value } });
      assert.deepEqual(
        [response.status, response.headers['www-authenticate']],
        [401, 'Bearer error="invalid_token"'],
        `${path} ${value}`,
      );
    }
  }
  assert.equal(rig.seen.length, 0);
});

test('an open route serves nobody as nobody, and a user as that user', async () => {
  const rig = await createRig(YAML);
  await rig.send('/open');
  await rig.send('/open', { headers: await rig.signIn('ann') });
  assert.deepEqual(
    rig.seen.map(({ headers }) => headers['x-user-id']),
    [undefined, 'ann'],
  );
});

test('when the keys are not at hand nobody is told that the token is bad', async () => {
  const rig = await createRig(YAML.replace('/jwks', '/elsewhere'), () => {
    throw new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'Nobody listens.' });
  });
  const response = await rig.send('/mine', { headers: await rig.signIn('ann') });
  assert.deepEqual([response.status, problemOf(response).code], [503, 'KEYS_UNAVAILABLE']);
  assert.equal(response.headers['www-authenticate'], undefined);
});

test('keys that come as HTML, too large, or with an error are no keys', async () => {
  const bodies = [
    { status: 200, body: '<html>' },
    { status: 200, body: JSON.stringify({ keys: [], padding: 'x'.repeat(300_000) }) },
    { status: 500, body: '{"keys":[]}' },
    { status: 200, body: '{"__proto__":{"keys":[]}}' },
  ];
  for (const answer of bodies) {
    const rig = await createRig(YAML.replace('/jwks', '/elsewhere'), () => ({ ...answer, headers: {} }));
    assert.equal((await rig.send('/mine', { headers: await rig.signIn('ann') })).status, 503);
  }
});

test('without an auth section the authorization header is for the service to judge', async () => {
  const rig = await createRig('routes: [{ path: /x, service: orders }]');
  await rig.send('/x', { headers: { authorization: 'Basic YTpi' } });
  assert.equal(rig.seen[0]?.headers.authorization, 'Basic YTpi');
});
