import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ServiceVitals } from 'flotilla/service';
import { flotilla, flotillaRunning } from './run.ts';

const data = await mkdtemp(join(tmpdir(), 'cli-top-'));
const add = { operation: 'add', calls: 40, errors: 2, callsPerSecond: 12.4, errorsPerSecond: 0.2, p50Ms: 1.25, p99Ms: 18 };
const vitals: ServiceVitals = {
  service: 'notes',
  instance: 'i1',
  version: '1.2.3',
  startedAt: Date.now() - 61_000,
  rssBytes: 80 * 2 ** 20,
  eventLoopDelayMs: 1.5,
  inFlight: 3,
  operations: [{ ...add, outcomes: { ok: 38, internal: 2 }, lengths: [], totalMs: 100 }],
  upstreams: [
    {
      name: 'stamps',
      counts: { calls: 5, attempts: 7, failures: 2, timeouts: 0, fallbacks: 0 },
      breaker: { kind: 'open', until: 1 },
      budgetRefusals: 6,
      instances: 2,
      ejected: 1,
      limit: { limit: 100, running: 4, queued: 0 },
    },
  ],
  leaders: [],
};

// A process that answers for two services; one of them hangs.
const server = createServer((request, response) => {
  if (request.url?.startsWith('/notes/')) response.setHeader('content-type', 'application/json').end(JSON.stringify(vitals));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as { port: number };
await mkdir(join(data, 'run'));
await writeFile(join(data, 'system.key'), 'key');
const note = {
  system: 'tiny',
  pid: process.pid,
  services: ['notes', 'stamps'],
  internalUrl: `http://127.0.0.1:${port}`,
  startedAt: 0,
};
await writeFile(join(data, 'run', `${process.pid}.json`), JSON.stringify(note));
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(data, { recursive: true });
});

test('operations, instances and breakers are shown on one page; who does not answer is shown too', async () => {
  const { code, stdout, stderr } = await flotilla(['top', '--once', '--data', data]);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^OPERATION +CALLS\/S +ERRORS\/S +P50 +P99 +CALLS +ERRORS\nnotes\.add +12 +0\.2 +1\.25 ms +18 ms +40 +2\n/,
  );
  assert.match(stdout, new RegExp(`\nnotes ${process.pid} +1\\.2\\.3 +1 min +12 +3 +1\\.50 ms +80 MB\n`));
  assert.match(stdout, new RegExp(`\nstamps ${process.pid} +does not answer\n`));
  assert.match(stdout, new RegExp(`\nnotes ${process.pid} +stamps +open +2, 1 left alone +4 +0 +7 +2 +6\n`));
});

test('scripts get a line each time, until they have seen enough', async () => {
  await using running = flotillaRunning(['top', 'notes', '--every', '100ms', '--json', '--data', data]);
  for (let count = 0; count < 2; count += 1) {
    const { operations, instances } = JSON.parse(await running.line()) as { operations: object[]; instances: object[] };
    assert.deepEqual(operations, [{ service: 'notes', ...add }]);
    assert.equal(instances.length, 1);
  }
  assert.equal(await running.stop('SIGINT'), 0);
});

test('a service that does not run is refused with those that do', async () => {
  const { code, stderr } = await flotilla(['top', 'nobody', '--once', '--data', data]);
  assert.equal(code, 2);
  assert.match(stderr, /there is: notes, stamps/);
});
