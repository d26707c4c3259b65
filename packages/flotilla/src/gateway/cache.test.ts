import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../testing/index.ts';
import type { HttpResponse } from '../transport/index.ts';
import { type Answer, AUTH, createRig, ok, type Seen } from './test/rig.ts';

const YAML = `
${AUTH}
routes:
  - { path: '/products/*', service: catalog, cache_ttl: 30 }
  - { path: /mine, service: orders, cache_ttl: 30, auth_required: true }
`;

/** Answers with a number that grows, so that a kept answer can be told from a new one. */
function counting(headers: Record<string, string> = {}, status = 200): Answer {
  let count = 0;
  return () => {
    count += 1;
    return { status, headers, body: `answer ${count}` };
  };
}

test('an answer is kept as long as the route says, and tells its age', async () => {
  const rig = await createRig(YAML, counting());
  const first = await rig.send('/products/7');
  assert.deepEqual(
    [first.body, first.headers['cache-status'], first.headers.age],
    ['answer 1', 'flotilla; fwd=uri-miss', undefined],
  );
  await rig.runtime.clock.advance(12_000);
  const second = await rig.send('/products/7');
  assert.deepEqual(
    [second.body, second.headers['cache-status'], second.headers.age],
    ['answer 1', 'flotilla; hit; ttl=18', '12'],
  );
  assert.notEqual(first.headers['x-request-id'], second.headers['x-request-id']);
  await rig.runtime.clock.advance(18_000);
  assert.equal((await rig.send('/products/7')).body, 'answer 2');
});

test('other paths, queries and hosts are other answers; the order of a query counts', async () => {
  const rig = await createRig(YAML, counting());
  const targets = ['/products/7', '/products/8', '/products/7?a=1&b=2', '/products/7?b=2&a=1'];
  for (const target of targets) await rig.send(target);
  await rig.send('/products/7', { headers: { host: 'other.example' } });
  assert.equal(rig.seen.length, 5);
  assert.equal((await rig.send('/products/7?a=1&b=2')).body, 'answer 3');
});

test('HEAD is served from the same answer, other methods pass it by', async () => {
  const rig = await createRig(YAML, counting());
  await rig.send('/products/7');
  assert.equal((await rig.send('/products/7', { method: 'HEAD' })).headers['cache-status'], 'flotilla; hit; ttl=30');
  const post = await rig.send('/products/7', { method: 'POST' });
  assert.deepEqual([post.body, post.headers['cache-status']], ['answer 2', 'flotilla; fwd=bypass']);
});

test('answers that are not for everybody or not whole are not kept', async () => {
  const unfit: [Record<string, string>, number?][] = [
    [{ 'set-cookie': 'session=1' }],
    [{ 'cache-control': 'no-store' }],
    [{ 'cache-control': 'no-cache' }],
    [{ 'cache-control': 'private, max-age=60' }],
    [{ 'cache-control': 'max-age=0' }],
    [{ 'cache-control': 'max-age=banana' }],
    [{ 'cache-control': 'max-age=60, s-maxage=0' }],
    [{ 'cache-control': 'max-age=60', age: '60' }],
    [{ expires: '0' }],
    [{ expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    [{ vary: '*' }],
    [{ vary: 'accept, *' }],
    [{ 'content-range': 'bytes 0-1/9' }, 206],
    [{}, 500],
    [{}, 503],
    [{}, 302],
    [{}, 400],
  ];
  for (const [headers, status] of unfit) {
    const rig = await createRig(YAML, counting(headers, status));
    await rig.send('/products/7');
    await rig.send('/products/7');
    assert.equal(rig.seen.length, 2, JSON.stringify([headers, status]));
  }
  const rig = await createRig(YAML, () => ok('x'.repeat(1024 * 1024 + 1)));
  await rig.send('/products/7');
  await rig.send('/products/7');
  assert.equal(rig.seen.length, 2);
});

test('the service may shorten the time, never lengthen it', async () => {
  const keptFor = async (headers: Record<string, string>): Promise<string | undefined> => {
    const rig = await createRig(YAML, counting(headers));
    await rig.send('/products/7');
    return (await rig.send('/products/7')).headers['cache-status'];
  };
  assert.equal(await keptFor({ 'cache-control': 'public, max-age=5' }), 'flotilla; hit; ttl=5');
  assert.equal(await keptFor({ 'cache-control': 'max-age=5, s-maxage="10"' }), 'flotilla; hit; ttl=10');
  assert.equal(await keptFor({ 'cache-control': 'max-age=20', age: '15' }), 'flotilla; hit; ttl=5');
  assert.equal(await keptFor({ 'cache-control': 'max-age=86400' }), 'flotilla; hit; ttl=30');
  assert.equal(await keptFor({ expires: 'Thu, 01 Jan 2026 00:00:10 GMT' }), 'flotilla; hit; ttl=10');
});

test('an answer kept for one user is never shown to another, and authentication comes first', async () => {
  const rig = await createRig(YAML, ({ headers }) => ok(`of ${headers['x-user-id']}`, { 'cache-control': 'private' }));
  const [ann, bob] = [await rig.signIn('ann'), await rig.signIn('bob')];
  assert.equal((await rig.send('/mine', { headers: ann })).body, 'of ann');
  assert.equal((await rig.send('/mine', { headers: ann })).headers['cache-status'], 'flotilla; hit; ttl=30');
  assert.equal((await rig.send('/mine', { headers: bob })).body, 'of bob');
  assert.equal((await rig.send('/mine')).status, 401);
  // The same user with other rights may see something else.
  await rig.send('/mine', { headers: await rig.signIn('ann', ['orders:all']) });
  assert.equal(rig.seen.length, 3);
});

test('an open route keeps the answers for users apart from those for everybody', async () => {
  const rig = await createRig(YAML, ({ headers }) => ok(`of ${headers['x-user-id'] ?? 'nobody'}`));
  assert.equal((await rig.send('/products/7', { headers: await rig.signIn('ann') })).body, 'of ann');
  assert.equal((await rig.send('/products/7')).body, 'of nobody');
});

test('requests with a cookie, an unchecked authorization or a range are asked for alone', async () => {
  const rig = await createRig("routes: [{ path: '/products/*', service: catalog, cache_ttl: 30 }]", counting());
  for (const headers of [{ cookie: 'session=1' }, { authorization: 'Basic YTpi' }, { range: 'bytes=0-1' }]) {
    await rig.send('/products/7', { headers });
    assert.equal((await rig.send('/products/7', { headers })).headers['cache-status'], 'flotilla; fwd=bypass');
  }
  assert.equal(rig.seen.length, 6);
});

test('answers that vary are kept once for each value of the headers they vary with', async () => {
  const rig = await createRig(YAML, ({ headers }) => ok(`in ${headers['accept-language']}`, { vary: 'Accept-Language' }));
  const ask = async (language?: string): Promise<HttpResponse['body']> =>
    (await rig.send('/products/7', { headers: language === undefined ? {} : { 'accept-language': language } })).body;
  assert.deepEqual([await ask('de'), await ask('en'), await ask('de'), await ask('en')], ['in de', 'in en', 'in de', 'in en']);
  assert.equal(rig.seen.length, 2);
  assert.equal(await ask(), 'in undefined');
});

test('nothing that distinguishes clients reaches a service whose answer is kept', async () => {
  const rig = await createRig(YAML);
  await rig.send('/products/7', { headers: { 'x-forwarded-host': 'evil', 'x-forwarded-for': '1.1.1.1' } });
  assert.deepEqual(
    [rig.seen[0]?.headers['x-forwarded-for'], rig.seen[0]?.headers['x-forwarded-host']],
    [undefined, 'shop.example'],
  );
});

test('a client that has the answer already is told so', async () => {
  const rig = await createRig(YAML, () => ok('body', { 'content-language': 'en', vary: 'accept' }));
  const { etag } = (await rig.send('/products/7')).headers;
  assert.match(etag!, /^"[\w-]{27}"$/);
  for (const known of [etag!, `W/${etag}`, `"other", ${etag}`, '*']) {
    const { status, body, headers } = await rig.send('/products/7', { headers: { 'if-none-match': known } });
    assert.deepEqual([status, body, headers.etag, headers.vary], [304, undefined, etag, 'accept'], known);
    assert.deepEqual([headers['content-type'], headers['content-language']], [undefined, undefined]);
  }
  for (const other of ['"other"', 'junk', etag!.slice(1, -1)]) {
    assert.equal((await rig.send('/products/7', { headers: { 'if-none-match': other } })).status, 200, other);
  }
  assert.equal(rig.seen.length, 1);
});

test('the first who asks gets 304, too, yet the whole answer is fetched and kept', async () => {
  const rig = await createRig(YAML, () => ok('body', { etag: '"v1"' }));
  const headers = { 'if-none-match': '"v1"', 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' };
  assert.equal((await rig.send('/products/7', { headers })).status, 304);
  assert.deepEqual([rig.seen[0]?.headers['if-none-match'], rig.seen[0]?.headers['if-modified-since']], [undefined, undefined]);
  assert.equal((await rig.send('/products/7')).body, 'body');
});

/** A service that answers when the test says so. */
function gated(answer: (request: Seen, count: number) => HttpResponse) {
  const gate = Promise.withResolvers<void>();
  let count = 0;
  const wait: Answer = async (request) => {
    count += 1;
    const mine = count;
    await gate.promise;
    return answer(request, mine);
  };
  return { open: gate.resolve, wait };
}

test('a thousand misses at once ask the service once', async () => {
  const { open, wait } = gated(() => ok('shared'));
  const rig = await createRig(YAML, wait);
  const all = Array.from({ length: 1000 }, () => rig.send('/products/7'));
  open();
  const bodies = new Set((await Promise.all(all)).map(({ body }) => body));
  assert.deepEqual([bodies, rig.seen.length], [new Set(['shared']), 1]);
});

test('when the service fails during the flight all get the failure once and nothing is kept', async () => {
  const { open, wait } = gated((_request, count) => (count === 1 ? { status: 503, headers: {}, body: 'down' } : ok('up')));
  const rig = await createRig(YAML, wait);
  const all = Array.from({ length: 100 }, () => rig.send('/products/7'));
  open();
  assert.deepEqual([new Set((await Promise.all(all)).map(({ status }) => status)), rig.seen.length], [new Set([503]), 1]);
  assert.equal((await rig.send('/products/7')).body, 'up');
});

test('the client who asked first may leave: the others are still served', async () => {
  const { open, wait } = gated(() => ok('shared'));
  const rig = await createRig(YAML, wait);
  const leaving = new AbortController();
  const first = rig.send('/products/7', { signal: leaving.signal });
  const others = [rig.send('/products/7'), rig.send('/products/7')];
  await until(() => rig.seen.length === 1);
  leaving.abort();
  await first;
  open();
  assert.deepEqual(
    (await Promise.all(others)).map(({ body }) => body),
    ['shared', 'shared'],
  );
  assert.equal(rig.seen.length, 1);
});

test("the first client's hurry does not cut the others short", async () => {
  const { open, wait } = gated(() => ok('shared'));
  const rig = await createRig(YAML, wait);
  const hurried = rig.send('/products/7', { headers: { 'x-request-timeout-ms': '100' } });
  const patient = rig.send('/products/7');
  await rig.runtime.clock.advance(100);
  assert.equal((await hurried).status, 504);
  open();
  assert.equal((await patient).body, 'shared');
});

test('a service that hangs does not hold a path for ever', async () => {
  const rig = await createRig(YAML, () => new Promise(() => undefined));
  const first = rig.send('/products/7');
  await rig.runtime.clock.advance(10_000);
  const second = rig.send('/products/7');
  await rig.runtime.clock.advance(5_000);
  assert.deepEqual([(await first).status, (await second).status], [504, 504]);
  rig.state.answer = () => ok('back');
  assert.equal((await rig.send('/products/7')).body, 'back');
});

test('an answer that turns out to be for one client alone is not shared with those who waited', async () => {
  for (const headers of [{ 'set-cookie': 'session=1' }, { 'cache-control': 'private' }, { vary: '*' }]) {
    const { open, wait } = gated((_request, count) => ok(`for ${count}`, headers));
    const rig = await createRig(YAML, wait);
    const all = Array.from({ length: 3 }, () => rig.send('/products/7'));
    open();
    const bodies = (await Promise.all(all)).map(({ body }) => String(body));
    assert.deepEqual(bodies.toSorted(), ['for 1', 'for 2', 'for 3']);
  }
});

test('cookies pass one by one, and never from a kept answer', async () => {
  const cookies = ['a=1; expires=Thu, 01 Jan 2026 00:00:00 GMT', 'b=2'];
  const rig = await createRig(YAML, () => ({ ...ok('welcome'), cookies }));
  for (const _twice of [1, 2]) assert.deepEqual((await rig.send('/products/7')).cookies, cookies);
  assert.equal(rig.seen.length, 2);
});

test('who waited in another language is not given the first language', async () => {
  const { open, wait } = gated(({ headers }) => ok(`in ${headers['accept-language']}`, { vary: 'accept-language' }));
  const rig = await createRig(YAML, wait);
  const all = ['de', 'en', 'de'].map((language) => rig.send('/products/7', { headers: { 'accept-language': language } }));
  open();
  assert.deepEqual(
    (await Promise.all(all)).map(({ body }) => body),
    ['in de', 'in en', 'in de'],
  );
});

test('another configuration starts without kept answers', async () => {
  const rig = await createRig(YAML, counting());
  await rig.send('/products/7');
  rig.reload(YAML);
  assert.equal((await rig.send('/products/7')).body, 'answer 2');
});
