import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeRuntime } from '../../testing/index.ts';
import type { HttpRequest } from '../../transport/index.ts';
import { openConsulPlace } from '../test/consul-place.ts';

/** Asks the API without a socket, so that the clock can be a test's own. */
async function setting(folder?: string) {
  const runtime = createFakeRuntime();
  const place = await openConsulPlace({ runtime, ...(folder === undefined ? {} : { folder }) });
  await runtime.clock.advance(300);
  const ask = async (line: string, body?: unknown, signal = new AbortController().signal) => {
    const [method = '', target = ''] = line.split(' ');
    const [path = '', query = ''] = target.split('?');
    const bytes =
      body === undefined ? undefined : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
    const request: HttpRequest = { method, path: `/v1/${path}`, query, headers: {}, body: bytes, remoteAddress: undefined };
    const { status, headers, body: answer } = await place.api.handler(request, signal);
    const text = answer === undefined ? '' : typeof answer === 'string' ? answer : new TextDecoder().decode(answer);
    return { status, headers, text, json: () => JSON.parse(text) as never, index: Number(headers['x-consul-index']) };
  };
  return { ...place, runtime, ask, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

const TTL = { Name: 'billing', ID: 'b-1', Address: '10.0.0.7', Port: 8080, Check: { TTL: '15s' } };

test('a TTL check begins critical, passes when told, and is critical again when nobody tells in time', async () => {
  await using at = await setting();
  const status = async () => (await at.registry.list('billing')).instances[0]?.status;
  assert.equal((await at.ask('PUT agent/service/register', TTL)).status, 200);
  assert.equal(await status(), 'critical');
  assert.equal((await at.ask('PUT agent/check/pass/service%3Ab-1')).status, 200);
  assert.equal(await status(), 'passing');
  await at.runtime.clock.advance(14_000);
  await at.ask('PUT agent/check/pass/service:b-1');
  await at.runtime.clock.advance(14_000);
  assert.equal(await status(), 'passing');
  await at.runtime.clock.advance(2_000);
  assert.equal(await status(), 'critical');
});

test('a service that registers again as it was keeps its health', async () => {
  await using at = await setting();
  await at.ask('PUT agent/service/register', TTL);
  await at.ask('PUT agent/check/pass/service:b-1');
  await at.ask('PUT agent/service/register', { ...TTL, Tags: ['new'] });
  const [instance] = (await at.registry.list('billing')).instances;
  assert.equal(instance!.status, 'passing');
});

test('of several checks the worst counts', async () => {
  await using at = await setting();
  const Checks = [
    { CheckID: 'disk', TTL: '1h' },
    { CheckID: 'ledger', TTL: '1h' },
  ];
  await at.ask('PUT agent/service/register', { Name: 'billing', Checks });
  const status = async () => (await at.registry.list('billing')).instances[0]?.status;
  await at.ask('PUT agent/check/pass/disk');
  assert.equal(await status(), 'critical');
  await at.ask('PUT agent/check/warn/ledger');
  assert.equal(await status(), 'warning');
  await at.ask('PUT agent/check/pass/ledger');
  assert.equal(await status(), 'passing');
});

test('a blocking query waits for its own service, up to its time and a sixteenth more', async () => {
  await using at = await setting();
  const { index } = await at.ask('GET health/service/billing');
  let answered = false;
  const waiting = at.ask(`GET health/service/billing?index=${index}&wait=30s`).then((answer) => ((answered = true), answer));
  await at.ask('PUT agent/service/register', { Name: 'mail' });
  await at.runtime.clock.advance(29_000);
  assert.equal(answered, false);
  await at.runtime.clock.advance(3_000);
  assert.equal((await waiting).index, index);

  const changed = at.ask(`GET health/service/billing?index=${index}&wait=30s`);
  await at.ask('PUT agent/service/register', TTL);
  const answer = await changed;
  assert.ok(answer.index > index);
  assert.equal((answer.json() as unknown[]).length, 1);
  assert.equal((await at.ask(`GET health/service/billing?index=${answer.index + 7}&wait=30s`)).index, answer.index);
});

test('a client that leaves, and an API that closes, end a wait', async () => {
  await using at = await setting();
  const { index } = await at.ask('GET catalog/services');
  const leaving = new AbortController();
  const left = at.ask(`GET catalog/services?index=${index}`, undefined, leaving.signal);
  leaving.abort();
  await left;
  const closed = at.ask(`GET catalog/services?index=${index}`);
  at.api[Symbol.dispose]();
  await closed;
});

test('what was registered outlives the process that took it, checks and all', async () => {
  await using first = await setting();
  await first.ask('PUT agent/service/register', TTL);
  await first.ask('PUT agent/check/pass/service:b-1');
  await first.ask('PUT kv/motd', 'still here');
  first.api[Symbol.dispose]();
  await using second = await setting(first.folder);
  const status = async () => (await second.registry.list('billing')).instances[0]?.status;
  assert.equal(await status(), 'passing');
  assert.equal((await second.ask('PUT agent/check/pass/service:b-1')).status, 200);
  await second.runtime.clock.advance(16_000);
  assert.equal(await status(), 'critical');
  assert.equal((await second.ask('GET kv/motd?raw')).text, 'still here');
});

test('keys with slashes are folders to those who ask with a separator', async () => {
  await using at = await setting();
  for (const key of ['app/web/port', 'app%2Fweb%2Fhost', 'app/motd', 'apple']) await at.ask(`PUT kv/${key}`, key);
  assert.deepEqual((await at.ask('GET kv/app/?keys')).json(), ['app/motd', 'app/web/host', 'app/web/port']);
  assert.deepEqual((await at.ask('GET kv/app/?keys&separator=/')).json(), ['app/motd', 'app/web/']);
  const before = (await at.ask('GET kv/app/?recurse')).index;
  await at.ask('DELETE kv/app/?recurse');
  const after = await at.ask('GET kv/app/?recurse');
  assert.equal(after.status, 404);
  assert.ok(after.index > before);
  assert.equal((await at.ask('GET kv/apple?raw')).text, 'apple');
});

test('a delete under a condition deletes only what was seen', async () => {
  await using at = await setting();
  await at.ask('PUT kv/a', 'one');
  const [{ ModifyIndex }] = (await at.ask('GET kv/a')).json() as [{ ModifyIndex: number }];
  await at.ask('PUT kv/a', 'two');
  assert.equal((await at.ask(`DELETE kv/a?cas=${ModifyIndex}`)).text, 'false');
  assert.equal((await at.ask('GET kv/a?raw')).text, 'two');
});

test('bad requests are refused in plain words', async () => {
  await using at = await setting();
  const expected: [string, unknown, number][] = [
    ['PUT agent/service/register', 'not JSON', 400],
    ['PUT agent/service/register', { ID: 'nameless' }, 400],
    ['PUT agent/service/register', { Name: 'x', Port: 1, Check: { Script: 'rm' } }, 400],
    ['PUT agent/service/register', { Name: 'x', Check: { TTL: 'soon' } }, 400],
    ['PUT agent/service/register', { Name: 'x', Meta: { __proto__x: 1 }, Weights: { Passing: -1 } }, 400],
    ['PUT agent/service/register', '{"Name":"x","Meta":{"__proto__":{"a":"b"}}}', 400],
    ['PUT agent/check/pass/service:nobody', undefined, 404],
    ['PUT agent/service/deregister/nobody', undefined, 404],
    ['GET health/service/x?index=abc', undefined, 400],
    ['GET health/service/x?index=1&wait=soon', undefined, 400],
    ['GET health/service/x?filter=a', undefined, 400],
    ['PUT kv/a?cas=-1', 'x', 400],
    ['PUT kv/a?acquire=session', 'x', 400],
    ['PUT kv/', 'x', 400],
    ['PUT kv/big', 'x'.repeat(600 * 1024), 413],
    ['GET kv/%ff', undefined, 400],
    ['POST catalog/services', undefined, 405],
    ['GET session/list', undefined, 404],
    ['GET constructor/x', undefined, 404],
  ];
  for (const [line, body, status] of expected) assert.equal((await at.ask(line, body)).status, status, line);
  assert.deepEqual((await at.registry.list()).instances, []);
});
