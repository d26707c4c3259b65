import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep, systemRuntime } from 'flotilla/kernel';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { mailOver, mailTables, outOfOrder } from './test/mail.ts';
import { numbers, openOrders } from './test/orders.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();
const ascending = (left: number, right: number): number => left - right;

/** Processes that each run an instance of mail over one database. */
class Instances implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #running: ChildProcess[] = [];

  constructor(...args: readonly string[]) {
    this.#args = args;
  }

  async start(): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, 'test/mail.child.ts'), this.#args);
    this.#running.push(child);
    await once(child, 'message');
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      if (child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

test(
  'instances that are killed, and one that freezes and comes back, lose nothing, double nothing and keep the order',
  { skip },
  async () => {
    await using server = await startNats();
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-mail-'));
    await using scope = new AsyncDisposableStack();
    scope.defer(() => rm(folder, { recursive: true }));
    const driver = scope.use(sqliteDriver({ folder, alone: false, runtime: systemRuntime }));
    const mail = mailOver(await driver.open('mail', mailTables));
    const instances = scope.use(new Instances(folder, server.url));
    const [first, second] = [await instances.start(), await instances.start()];

    await using bus = openBus(server.url);
    await using shop = await openOrders(bus);
    const total = 3_000;
    const load = (async () => {
      for (let placed = 0; placed < total; placed += 10) await shop.place(numbers(10, placed));
    })();
    await eventually(async () => (await mail.count()) > 200);
    first.kill('SIGKILL');
    await instances.start();
    await eventually(async () => (await mail.count()) > 600);
    second.kill('SIGSTOP');
    // Longer than the server waits for it. In a transaction it holds SQLite's lock too, so nobody may get on meanwhile.
    await sleep(systemRuntime.clock, 4_000);
    second.kill('SIGCONT');
    await load;
    await eventually(async () => (await mail.count()) >= total);
    assert.deepEqual((await mail.handled()).toSorted(ascending), numbers(total));
    assert.deepEqual(outOfOrder(await mail.handled()), []);
  },
);
