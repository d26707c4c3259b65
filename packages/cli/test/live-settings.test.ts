import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ServiceVitals } from 'flotilla/service';
import { until } from 'flotilla/testing';
import { flotilla, flotillaRunning } from './run.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
// Beside the fixtures, so that the copy finds its packages.
const copy = await mkdtemp(join(FIXTURES, 'live-'));
const data = await mkdtemp(join(tmpdir(), 'cli-live-'));
after(() => Promise.all([copy, data].map((folder) => rm(folder, { recursive: true }))));
await cp(join(FIXTURES, 'tiny'), copy, { recursive: true });
const system = join(copy, 'system.ts');
const configure = (text: string): Promise<void> => writeFile(join(copy, 'config/base.yaml'), text);

/** How many calls to `stamps` the service `notes` makes at once, as it says itself. */
async function limitOf(): Promise<number | undefined> {
  const { stdout, stderr, code } = await flotilla(['call', 'notes.$vitals', '{}', '--data', data, '--json']);
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as ServiceVitals).upstreams[0]?.limit?.limit;
}

test('a running system takes up policies and routes from its files, and keeps the last good ones', async () => {
  await using running = flotillaRunning(['dev', system, '--port', '0', '--data', data, '--json'], copy);
  const { gatewayUrl } = JSON.parse(await running.line()) as { gatewayUrl: string };
  const said = (pattern: RegExp): Promise<void> => until(() => pattern.test(running.stderr()));
  assert.equal((await flotilla(['call', 'notes.add', '{"id":"n1","text":"hello"}', '--data', data])).code, 0);
  await until(async () => (await limitOf()) === 100);

  await configure('policies: { all: { bulkhead: { limit: 7 } } }\n');
  await said(/the policies changed/);
  assert.equal(await limitOf(), 7);
  const policies = ['policies', 'stamps.stamp', '--system', system];
  assert.match((await flotilla(policies)).stdout, /bulkhead\.limit +7 +system: .*base\.yaml:1/);

  await configure('policies:\n  all:\n    bulkhead: { limt: 9 }\n');
  await said(/base\.yaml:3: policies\.all\.bulkhead\.limt/);
  assert.equal(await limitOf(), 7);
  const refused = await flotilla(policies);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout + refused.stderr, /base\.yaml:3: policies\.all\.bulkhead\.limt.*did you mean 'limit'/);

  await configure('policies: { all: { bulkhead: { limit: 9 } } }\nservices: { notes: { maxLength: 51 } }\n');
  await said(/settings of services changed/);
  await until(async () => (await limitOf()) === 9);

  await writeFile(join(copy, 'gateway.yaml'), 'routes:\n  - { path: /paper/*, service: notes, strip_prefix: /paper }\n');
  await until(async () => (await fetch(`${gatewayUrl}/paper/notes/n1`)).status === 200);
  await writeFile(join(copy, 'gateway.yaml'), 'routes:\n  - { path: /paper/*, service: nobody }\n');
  await said(/gateway\.yaml:2/);
  assert.equal((await fetch(`${gatewayUrl}/paper/notes/n1`)).status, 200);

  const top = await flotilla(['top', 'gateway', '--once', '--data', data]);
  assert.match(top.stdout, /^gateway\.GET \/paper\/\* +\S+ +0 .* 0$/m, top.stderr);
  assert.match(top.stdout, /^gateway \d+ .* MB$/m);
});
