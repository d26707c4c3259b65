import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { createFakeRuntime, until } from '../../testing/index.ts';
import { type Finding, type HealthCheck, type Judgement, startHealthMonitor } from '../index.ts';
import { runCheck } from './run-check.ts';

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { url, port, [Symbol.dispose]: () => (server.closeAllConnections(), server.close()) };
}

const { signal } = new AbortController();
const ask = (check: HealthCheck, url: string, timeoutMs = 60_000) =>
  runCheck(check, { id: 'a', url }, { clock: systemRuntime.clock, timeoutMs, signal });

test('2xx passes, 429 warns, everything else fails, and redirects are not followed', async () => {
  const asked: string[] = [];
  using server = await serve(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(Number(url.slice(1)), url === '/302' ? { location: '/200' } : {}).end('as it is');
  });
  const expected: Record<string, Finding> = { 200: 'pass', 204: 'pass', 302: 'fail', 404: 'fail', 429: 'warn', 503: 'fail' };
  for (const [status, finding] of Object.entries(expected)) {
    const report = await ask({ kind: 'http', path: `/${status}` }, server.url);
    assert.equal(report.finding, finding, status);
    assert.ok(report.output.startsWith(`HTTP ${status}`));
  }
  assert.equal(asked.filter((url) => url === '/200').length, 1);
});

test('no more than 4 KiB of an answer are read', async () => {
  let closed = false;
  using server = await serve((_request, response) => {
    const more = (): void => void (response.destroyed || response.write('x'.repeat(64 * 1024), more));
    response.on('close', () => (closed = true));
    more();
  });
  const { finding, output } = await ask({ kind: 'http' }, server.url);
  assert.equal(finding, 'pass');
  assert.ok(output.length < 4_200);
  await until(() => closed);
});

test('who does not answer in time fails, in the head or in the middle of the body', async () => {
  using server = await serve(({ url }, response) => void (url === '/body' && response.write('half of')));
  for (const path of ['/head', '/body']) {
    const { finding, output } = await ask({ kind: 'http', path }, server.url, 500);
    assert.deepEqual({ finding, output }, { finding: 'fail', output: 'No answer within 500 ms.' });
  }
});

test('a connection that is taken passes, one that is refused fails', async () => {
  const server = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `tcp://127.0.0.1:${port}`;
  assert.equal((await ask({ kind: 'tcp' }, url)).finding, 'pass');
  assert.equal((await ask({ kind: 'tcp', port }, 'http://127.0.0.1')).finding, 'pass');
  server.close();
  await once(server, 'close');
  assert.match((await ask({ kind: 'tcp' }, url)).output, /ECONNREFUSED/);
});

test('a check of ones own says what it finds, and fails when it throws', async () => {
  assert.equal((await ask({ kind: 'custom', run: () => Promise.resolve('warn') }, 'http://a')).finding, 'warn');
  const run = (): Promise<Finding> => Promise.reject(new Error('no disk'));
  assert.deepEqual(await ask({ kind: 'custom', run }, 'http://a'), { finding: 'fail', output: 'no disk' });
});

test('checks come 10 s apart give or take a fifth, never two at once, and sooner while it starts', async () => {
  const { clock, ...rest } = createFakeRuntime();
  const times: number[] = [];
  let running = 0;
  const run = async (): Promise<Finding> => {
    assert.equal(++running, 1);
    times.push(clock.monotonic());
    await new Promise<void>((resolve) => clock.timer(1_500, resolve));
    running -= 1;
    return 'pass';
  };
  const heard: string[] = [];
  const onChecked = ({ status }: Judgement): void => void heard.push(status);
  const target = { id: 'a', url: 'http://a' };
  const monitor = startHealthMonitor({ target, check: { kind: 'custom', run }, runtime: { clock, ...rest }, onChecked });
  await clock.advance(120_000);
  monitor[Symbol.dispose]();
  assert.deepEqual(heard.slice(0, 3), ['starting', 'passing', 'passing']);
  const pauses = times.slice(1).map((time, index) => time - times[index]! - 1_500);
  assert.ok(pauses[0]! <= 1_200);
  assert.ok(pauses.slice(1).every((pause) => pause >= 8_000 && pause <= 12_000));
  assert.ok(new Set(pauses).size > 5);
  await clock.advance(5_000);
  assert.equal(clock.pending, 0);
});

test('a check that never ends is given up after 2 s and counts as failed', async () => {
  const runtime = createFakeRuntime();
  const heard: Judgement[] = [];
  using _monitor = startHealthMonitor({
    target: { id: 'a', url: 'http://a' },
    check: { kind: 'custom', run: () => new Promise(() => undefined) },
    runtime,
    onChecked: (judgement) => heard.push(judgement),
  });
  await runtime.clock.advance(60_000);
  assert.deepEqual(
    heard.slice(0, 3).map(({ status }) => status),
    ['starting', 'starting', 'critical'],
  );
});
