import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { service } from '../service/index.ts';
import { silentLogger as log } from '../telemetry/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { embedded, type InfrastructureSettings, launch, type LaunchOptions, readSettings, system } from './index.ts';

const greeter = contract('greeter', {
  version: '1.0.0',
  team: 'hello',
  queries: { greet: { input: z.string(), output: z.string() } },
});
const hello = system('hello', { services: [service(greeter, { handlers: { greet: (name) => `Hello, ${name}!` } })] });

async function folderFor(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-launch-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const start = (folder: string, more: Partial<LaunchOptions>) =>
  launch(hello, { baseFolder: folder, dataFolder: folder, log, ...more });

test('a system whose settings name servers is not given files instead when nobody knows how servers are reached', async () => {
  await using at = await folderFor();
  const args = { 'infrastructure.store': 'postgres://db/hello' };
  await assert.rejects(start(at.folder, { args }), { code: 'INFRASTRUCTURE_UNKNOWN' });
  assert.deepEqual(await readdir(at.folder), []);
});

test('whoever launches a system may say what it stands on; what was opened is closed in the end, also when the bus can not be', async () => {
  await using at = await folderFor();
  const seen: InfrastructureSettings[] = [];
  let open = 0;
  const infrastructure: LaunchOptions['infrastructure'] = async (settings) => {
    seen.push(settings);
    return {
      async openData(site) {
        const place = await embedded.openData(site);
        open += 1;
        const close = async (): Promise<void> => {
          open -= 1;
          await place[Symbol.asyncDispose]();
        };
        return { driver: place.driver, registry: place.registry, [Symbol.asyncDispose]: close };
      },
      openBus: async (site, parts) => {
        if (settings.bus !== 'direct') throw new Error('no such broker');
        return await embedded.openBus(site, parts);
      },
    };
  };
  const running = await start(at.folder, { infrastructure });
  assert.deepEqual([seen, open], [[{ store: 'sqlite', bus: 'direct' }], 1]);
  await running.stop();
  assert.equal(open, 0);
  const args = { 'infrastructure.bus': 'carrier://pigeon' };
  await assert.rejects(start(at.folder, { infrastructure, args }), /no such broker/);
  assert.equal(open, 0);
});

test('what can not be meant is refused by name: half a URL, a key that was thought up, an address that is none', async () => {
  const wrong = {
    'infrastructure.store': 'postgres',
    'infrastructure.bus': 'nats',
    'infrastructure.systemKey': 'hunter2',
    'infrastructure.internalHost': '0.0.0.0',
    'infrastructure.sotre': 'sqlite',
  };
  for (const [key, value] of Object.entries(wrong)) {
    const options = { baseFolder: '.', dataFolder: '.', args: { [key]: value }, runtime: createFakeRuntime() };
    await assert.rejects(readSettings(hello, options), (error: Error) => {
      return error.message.includes(key) && !error.message.includes('hunter2');
    });
  }
});
