import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from 'flotilla/testing';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { mailStream } from './test/look.ts';
import { openMail, outOfOrder } from './test/mail.ts';
import { numbers, openOrders, PLACED } from './test/orders.ts';
import { type NatsServer, startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();
const ascending = (left: number, right: number): number => left - right;

/** Three servers by their names. */
async function startCluster(scope: AsyncDisposableStack): Promise<Map<string, NatsServer>> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  const config = (port: number): string =>
    `server_name: s${port}\ncluster { name: three, listen: "127.0.0.1:${port}", routes: [${routes}] }`;
  const started = ports.map(async (port) => [`s${port}`, scope.use(await startNats({ config: config(port) }))] as const);
  return new Map(await Promise.all(started));
}

test('a cluster whose leader dies under load loses no event and keeps the order', { skip }, async () => {
  await using scope = new AsyncDisposableStack();
  const servers = await startCluster(scope);
  const hosts = [...servers.values()].map(({ url }) => url.slice('nats://'.length)).join(',');
  await using bus = openBus(`nats://${hosts}?replicas=3`);
  await using mail = await openMail();
  bus.subscribe('mail', [PLACED], mail.deliver);
  await using shop = await openOrders(bus);
  const total = 2_000;
  const load = (async () => {
    for (let placed = 0; placed < total; placed += 10) await shop.place(numbers(10, placed));
  })();
  await eventually(async () => (await mail.count()) >= 500);
  const [anyServer] = servers.values();
  const leader = servers.get((await mailStream(anyServer!.url))!.cluster!.leader!)!;
  await leader.kill();
  await eventually(async () => (await mail.count()) >= 1_000);
  await leader.restart();
  await load;
  await eventually(async () => (await mail.count()) >= total);
  assert.deepEqual((await mail.handled()).toSorted(ascending), numbers(total));
  assert.deepEqual(outOfOrder(await mail.handled()), []);
});
