import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { openMail } from './test/mail.ts';
import { underOperator } from './test/operator.ts';
import { numbers, openOrders, PLACED } from './test/orders.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();

test('a credentials file opens a server that trusts an operator; without it health says what is missing', { skip }, async () => {
  await using scope = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-credentials-'));
  scope.defer(() => rm(folder, { recursive: true }));
  const file = join(folder, 'shop.creds');
  const server = scope.use(await startNats({ config: await underOperator(file) }));

  const stranger = scope.use(openBus(server.url));
  await eventually(() => /refuses the credentials/.test(stranger.health('mail').components!['connection']!.reason!));
  const lost = scope.use(openBus(`${server.url}?credentials=${folder}/other.creds`));
  await eventually(() => /no such file.*other\.creds/.test(lost.health('mail').components!['connection']!.reason!));

  const bus = scope.use(openBus(`${server.url}?credentials=${file}`));
  const mail = scope.use(await openMail());
  bus.subscribe('mail', [PLACED], mail.deliver);
  const shop = scope.use(await openOrders(bus));
  await shop.place(numbers(10));
  await eventually(async () => (await mail.count()) === 10);
  assert.ok(!bus.description.includes(folder));
});
