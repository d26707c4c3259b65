import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError, untilAborted } from '../kernel/index.ts';
import { AUTH, createRig, ok, problemOf } from './test/rig.ts';

const ROUTES = `
strip_prefix: /api
routes:
  - { path: '/api/products/*', service: catalog, methods: [GET], timeout: 2s }
  - { path: /api/orders, service: orders, methods: [GET, POST] }
  - { path: '/open/*', service: users }
`;

test('a request reaches its service without the prefix, and the answer comes back', async () => {
  const rig = await createRig(ROUTES, () => ok('[1,2]', { 'x-page': '1' }));
  const response = await rig.send('/api/products/7?full=yes&full=no');
  assert.deepEqual([response.status, response.body, response.headers['x-page']], [200, '[1,2]', '1']);
  assert.deepEqual(
    rig.seen.map(({ service, method, path, query }) => [service, method, path, query]),
    [['catalog', 'GET', '/products/7', 'full=yes&full=no']],
  );
  await rig.send('/open/door');
  assert.equal(rig.seen[1]?.path, '/open/door');
});

test('an unknown path is 404, a wrong method is 405 and says which are right', async () => {
  const rig = await createRig(ROUTES);
  const unknown = await rig.send('/api/nothing');
  assert.equal(unknown.status, 404);
  assert.equal(unknown.headers['content-type'], 'application/problem+json');
  const { code, instance, request_id } = problemOf(unknown);
  assert.deepEqual([code, instance, request_id], ['NO_SUCH_ROUTE', '/api/nothing', unknown.headers['x-request-id']]);
  const wrong = await rig.send('/api/orders', { method: 'DELETE' });
  assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET, HEAD, POST']);
  assert.equal(rig.seen.length, 0);
});

test('HEAD follows GET, OPTIONS is a method like any other', async () => {
  const rig = await createRig(ROUTES);
  assert.equal((await rig.send('/api/orders', { method: 'HEAD' })).status, 200);
  assert.equal(rig.seen[0]?.method, 'GET');
  assert.equal((await rig.send('/api/orders', { method: 'OPTIONS' })).status, 405);
});

test('what a service has for other parts of the system is out of reach, whatever the routes say', async () => {
  const rig = await createRig(
    "strip_prefix: /api\nroutes: [{ path: '/*', service: orders }, { path: '/api/*', service: orders }]",
  );
  for (const path of ['/call/place', '/call', '/call/', '/Call/$events', '/api/call/place', '/api/call']) {
    assert.equal((await rig.send(path, { method: 'POST' })).status, 404, path);
  }
  assert.equal(rig.seen.length, 0);
  assert.equal((await rig.send('/callers')).status, 200);
});

test('a location on this host gets back the prefix, any other stays as it is', async () => {
  const rig = await createRig(ROUTES);
  const locationFor = async (location: string): Promise<string | undefined> => {
    rig.state.answer = () => ({ status: 202, headers: { location }, body: undefined });
    return (await rig.send('/api/orders', { method: 'POST' })).headers.location;
  };
  assert.equal(await locationFor('/orders/7'), '/api/orders/7');
  assert.equal(await locationFor('https://elsewhere/x'), 'https://elsewhere/x');
  assert.equal(await locationFor('//elsewhere/x'), '//elsewhere/x');
});

test('POST and PATCH get an idempotency key unless the client sent one; nothing else does', async () => {
  const rig = await createRig("routes: [{ path: '/*', service: orders }]");
  const keyOf = async (method: string, headers = {}): Promise<string | undefined> => {
    await rig.send('/x', { method, headers });
    return rig.seen.at(-1)?.headers['idempotency-key'];
  };
  assert.equal(await keyOf('POST', { 'idempotency-key': 'mine' }), 'mine');
  const [first, second] = [await keyOf('POST'), await keyOf('PATCH')];
  assert.ok(first && second && first !== second);
  assert.deepEqual([await keyOf('PUT'), await keyOf('GET'), await keyOf('DELETE')], [undefined, undefined, undefined]);
});

test('a service that does not answer in time is given up, and its work aborted', async () => {
  const aborted = Promise.withResolvers<void>();
  const rig = await createRig(ROUTES, (_request, signal) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return new Promise(() => undefined);
  });
  const answering = rig.send('/api/products');
  await rig.runtime.clock.advance(2_000);
  const response = await answering;
  assert.deepEqual([response.status, problemOf(response).code], [504, 'GATEWAY_TIMEOUT']);
  await aborted.promise;
  assert.equal(rig.runtime.clock.pending, 0);
});

test('the client may allow less time than the route, never more, and junk says nothing', async () => {
  const rig = await createRig(ROUTES);
  const timeoutFor = async (asked: string): Promise<string | undefined> => {
    await rig.send('/api/products', { headers: { 'x-request-timeout-ms': asked } });
    return rig.seen.at(-1)?.headers['x-request-timeout-ms'];
  };
  assert.equal(await timeoutFor('500'), '500');
  for (const asked of ['99999', '1000000000000', 'abc', '-1', '5x', '1e3', '', '1.5']) {
    assert.equal(await timeoutFor(asked), '2000', asked);
  }
  const calls = rig.seen.length;
  const response = await rig.send('/api/products', { headers: { 'x-request-timeout-ms': '0' } });
  assert.deepEqual([response.status, rig.seen.length], [504, calls]);
});

test('a service that cannot be reached is 503; one that fails in its own way stays opaque and is logged', async () => {
  const rig = await createRig(ROUTES);
  rig.state.answer = () => {
    throw new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'Nobody listens.' });
  };
  assert.equal((await rig.send('/api/orders')).status, 503);
  rig.state.answer = () => {
    throw new TypeError('secret at 10.0.0.7');
  };
  const response = await rig.send('/api/orders');
  assert.equal(response.status, 500);
  assert.doesNotMatch(String(response.body), /secret/);
  assert.ok(rig.lines.some(({ level, err }) => level === 'error' && err instanceof TypeError));
});

test('health, liveness and readiness are answered by the gateway itself and pass no stage', async () => {
  const rig = await createRig("routes: [{ path: '/*', service: orders, rate_limit: 1/day }]");
  rig.state.health = { status: 'DEGRADED', components: { orders: { status: 'DEGRADED', reason: 'slow' } } };
  for (let times = 0; times < 5; times += 1) {
    const health = await rig.send('/health');
    assert.deepEqual([health.status, JSON.parse(String(health.body))], [200, rig.state.health]);
  }
  rig.state.health = { status: 'DOWN' };
  const statuses = async (): Promise<number[]> =>
    (await Promise.all(['/health', '/livez', '/readyz'].map((path) => rig.send(path)))).map(({ status }) => status);
  assert.deepEqual(await statuses(), [503, 200, 200], 'what is down behind the door does not close it');
  rig.state.health = { status: 'UP' };
  assert.deepEqual(await statuses(), [200, 200, 200]);
  rig.state.ready = false;
  assert.deepEqual(await statuses(), [200, 200, 503]);
  assert.equal((await rig.send('/health', { method: 'POST' })).status, 405);
  assert.equal(rig.seen.length, 0);
});

test('a client that is out of its own time is no failure of the system', async () => {
  const rig = await createRig("routes: [{ path: '/*', service: orders, timeout: 1s }]", (_request, signal) =>
    untilAborted(signal, new Promise(() => undefined)),
  );
  assert.equal((await rig.send('/a', { headers: { 'x-request-timeout-ms': '0' } })).status, 504);
  assert.deepEqual(
    rig.lines.filter(({ level }) => level === 'error'),
    [],
  );
  const slow = rig.send('/a');
  await rig.runtime.clock.advance(1_100);
  assert.equal((await slow).status, 504);
  assert.equal(rig.lines.filter(({ level }) => level === 'error').length, 1);
});

test('requests are counted by method and route, and refused while the process has too much to do', async () => {
  const rig = await createRig("routes: [{ path: '/orders/{id}', service: orders, methods: [GET] }]", ({ path }) =>
    path === '/orders/2' ? { status: 503, headers: {}, body: undefined } : ok('fine'),
  );
  for (const path of ['/orders/1', '/orders/2', '/orders/3', '/nothing', '/health']) await rig.send(path);
  await rig.send('/orders/1', { method: 'POST' });
  const counted = rig.gateway.metrics.snapshot().map(({ operation, calls, errors }) => [operation, calls, errors]);
  assert.deepEqual(counted, [
    ['GET /orders/{id}', 3, 1],
    ['no route', 2, 0],
  ]);
  assert.equal(rig.gateway.inFlight(), 0);
  rig.state.busy = true;
  const refused = await rig.send('/orders/1');
  assert.deepEqual([refused.status, problemOf(refused)['code']], [503, 'OVERLOADED']);
  assert.equal((await rig.send('/livez')).status, 200);
});

test('each request leaves one line in the log, without its query', async () => {
  const rig = await createRig(ROUTES, async () => {
    await rig.runtime.clock.advance(25);
    return ok('fine');
  });
  const response = await rig.send('/api/products/7?token=secret');
  assert.equal(rig.lines.length, 1);
  const { level, method, path, route, status, ms, requestId, client } = rig.lines[0]!;
  assert.deepEqual([level, method, path, route, status, ms], ['debug', 'GET', '/api/products/7', '/api/products/*', 200, 25]);
  assert.deepEqual([requestId, client], [response.headers['x-request-id'], '192.0.2.1']);
  assert.doesNotMatch(JSON.stringify(rig.lines), /secret/);
  await rig.send('/nothing');
  assert.deepEqual([rig.lines[1]?.status, rig.lines[1]?.route], [404, undefined]);
});

test('a client who leaves is logged as 499, and the service hears of it', async () => {
  const leaving = new AbortController();
  let heard = false;
  const rig = await createRig(ROUTES, (_request, signal) => {
    signal.addEventListener('abort', () => (heard = true));
    leaving.abort();
    return new Promise(() => undefined);
  });
  await rig.send('/api/orders', { signal: leaving.signal });
  assert.deepEqual([heard, rig.lines[0]?.status, rig.lines[0]?.level], [true, 499, 'debug']);
});

test('another configuration counts from the next request on; one under way ends as it began', async () => {
  const gate = Promise.withResolvers<void>();
  const rig = await createRig(ROUTES, async () => {
    await gate.promise;
    return ok('old');
  });
  const underWay = rig.send('/api/orders');
  rig.reload('routes: [{ path: /new, service: orders }]');
  gate.resolve();
  assert.equal((await underWay).body, 'old');
  assert.deepEqual([(await rig.send('/api/orders')).status, (await rig.send('/new')).status], [404, 200]);
});

test('reloading forgets neither what was used of a limit nor the signing keys', async () => {
  const yaml = `${AUTH}\nroutes: [{ path: /x, service: orders, rate_limit: 2/hour, auth_required: true }]`;
  const rig = await createRig(yaml);
  const headers = await rig.signIn('ann');
  await rig.send('/x', { headers });
  rig.reload(yaml);
  assert.match((await rig.send('/x', { headers })).headers.ratelimit!, /r=0/);
  rig.reload(yaml);
  assert.equal((await rig.send('/x', { headers })).status, 429);
  rig.reload(yaml.replace('2/hour', '3/hour'));
  assert.equal((await rig.send('/x', { headers })).status, 200);
});
