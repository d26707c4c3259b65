import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTH, createRig, problemOf } from './test/rig.ts';

const YAML = `
${AUTH}
routes:
  - { path: /x, service: orders, rate_limit: 2/minute }
  - { path: /y, service: orders, rate_limit: 2/minute }
`;

test('every answer says what is left; the one too many says when to come back', async () => {
  const rig = await createRig(YAML);
  const [first, second, third] = [await rig.send('/x'), await rig.send('/x'), await rig.send('/x')];
  assert.equal(first.headers['ratelimit-policy'], '"default";q=2;w=60');
  assert.deepEqual([first.headers.ratelimit, second.headers.ratelimit], ['"default";r=1;t=60', '"default";r=0;t=60']);
  assert.deepEqual([third.status, problemOf(third).code, rig.seen.length], [429, 'RATE_LIMITED', 2]);
  assert.deepEqual([third.headers.ratelimit, third.headers['retry-after']], ['"default";r=0;t=90', '90']);
  await rig.runtime.clock.advance(90_000);
  assert.equal((await rig.send('/x')).status, 200);
});

test('routes, users and networks each have their own share', async () => {
  const rig = await createRig(YAML);
  const spend = async (options: Parameters<typeof rig.send>[1]): Promise<number[]> =>
    [await rig.send('/x', options), await rig.send('/x', options), await rig.send('/x', options)].map(({ status }) => status);
  const share = [200, 200, 429];
  const ann = await rig.signIn('ann');
  assert.deepEqual(await spend({ headers: ann }), share);
  assert.deepEqual(await spend({ headers: await rig.signIn('bob') }), share);
  assert.deepEqual(await spend({ from: '192.0.2.7' }), share);
  assert.equal((await rig.send('/y', { headers: ann })).status, 200);
  // Another address does not help a user, and neither does a claim about it.
  assert.equal((await rig.send('/x', { headers: ann, from: '192.0.2.8' })).status, 429);
  assert.equal((await rig.send('/x', { from: '192.0.2.7', headers: { 'x-forwarded-for': '203.0.113.9' } })).status, 429);
});

test('all addresses of one IPv6 network share one allowance', async () => {
  const rig = await createRig(YAML);
  const from = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:0DB8:1:2:3:4:5:6', '2001:db8:1:3::1'];
  const statuses = [];
  for (const address of from) statuses.push((await rig.send('/x', { from: address })).status);
  assert.deepEqual(statuses, [200, 200, 429, 200]);
});

test('an answer that comes too late counts, too', async () => {
  const rig = await createRig(YAML, () => new Promise(() => undefined));
  const answering = rig.send('/x');
  await rig.runtime.clock.advance(15_000);
  const response = await answering;
  assert.deepEqual([response.status, response.headers.ratelimit], [504, '"default";r=1;t=60']);
});

test('a failure counts, and its answer says what is left', async () => {
  const rig = await createRig(YAML, () => {
    throw new Error('broken');
  });
  const response = await rig.send('/x');
  assert.deepEqual([response.status, response.headers.ratelimit], [500, '"default";r=1;t=60']);
});
