import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../testing/index.ts';
import { account, balances, bankAtWork, open } from './test/bank.ts';

const refuse666 = (amount: number): void => assert.notEqual(amount, 666, 'the devil is in it');

async function untilAfterTime(here: Awaited<ReturnType<typeof bankAtWork>>, condition: () => Promise<boolean>): Promise<void> {
  await until(async () => {
    await here.clock.advance(100);
    return await condition();
  });
}

test('an event that fails a few times is applied in the end', async () => {
  await using here = await bankAtWork();
  let left = 3;
  await using process = await here.process(
    balances({ before: (amount) => assert.ok(amount !== 2 || (left -= 1) < 0, 'not yet') }),
  );
  await here.deposit('a', 1, 2, 3);
  await untilAfterTime(here, async () => (await here.amounts())['a'] === 6);
  assert.equal((await process.models.health()).status, 'UP');
  assert.deepEqual(await here.store.projections.parkedStreams({ limit: 9 }), []);
});

test('an event that can not be applied parks its stream; the others go on, and somebody is told', async () => {
  await using here = await bankAtWork();
  await using process = await here.process(balances({ before: refuse666 }));
  await here.deposit('a', 1, 2, 666, 4);
  await here.deposit('b', 1);
  await untilAfterTime(here, async () => (await here.amounts())['b'] === 1);
  assert.deepEqual(await here.amounts(), { a: 3, b: 1 });
  await here.deposit('a', 5);
  await here.deposit('b', 5);
  await process.models.caughtUp(balances(), open());
  assert.deepEqual(await here.amounts(), { a: 3, b: 6 });

  const [parked] = await here.store.projections.parkedStreams({ limit: 9 });
  assert.deepEqual([parked?.stream, parked?.version, parked?.position], ['account:a', 3, 3]);
  assert.match(parked!.error, /the devil is in it/);
  const { status, components } = await process.models.health();
  assert.equal(status, 'DEGRADED');
  assert.match(components!['balances']!.reason!, /1 parked: account:a.*flotilla projections/);
});

test('a parked stream that is mended applies what has waited, in order, and goes on', async () => {
  await using here = await bankAtWork();
  let cursed = true;
  await using process = await here.process(balances({ before: (amount) => cursed && refuse666(amount) }));
  await here.deposit('a', 1, 666, 4);
  await untilAfterTime(here, async () => (await here.store.projections.parkedStreams({ limit: 9 })).length === 1);
  await here.deposit('b', 1);
  await process.models.caughtUp(balances(), open());
  await assert.rejects(process.models.unpark('balances', 'account:a'), {
    code: 'PROJECTION_FAILED',
    message: /balances v1 can't apply Deposited of account:a at position 2: the devil is in it/,
  });
  assert.equal((await here.store.projections.parkedStreams({ limit: 9 })).length, 1);

  cursed = false;
  await process.models.unpark('balances', 'account:a');
  assert.deepEqual(await here.rows(), [
    { id: 'a', amount: 671, version: 3, open: 1 },
    { id: 'b', amount: 1, version: 1, open: 1 },
  ]);
  await here.deposit('a', 1);
  await process.models.caughtUp(balances(), open());
  assert.equal((await here.amounts())['a'], 672);
  assert.equal((await process.models.health()).status, 'UP');
  await assert.rejects(process.models.unpark('balances', 'account:a'), { code: 'STREAM_NOT_PARKED' });
});

test('a strict projection stops before the event; the next start goes on from there', async () => {
  await using here = await bankAtWork();
  {
    await using process = await here.process(balances({ before: refuse666, strict: true }));
    await here.deposit('a', 1, 2, 666, 4);
    await untilAfterTime(here, async () => (await process.models.health()).status === 'DOWN');
    const { components } = await process.models.health();
    assert.match(components!['balances']!.reason!, /balances v1 can't apply Deposited of account:a at position 3: the devil/);
    assert.deepEqual(await here.amounts(), { a: 3 });
    await assert.rejects(process.models.caughtUp(balances(), open()), { code: 'PROJECTION_DOWN', kind: 'unavailable' });
  }
  await using mended = await here.process();
  await mended.models.caughtUp(balances(), open());
  assert.deepEqual(await here.amounts(), { a: 673 });
});

test('an event of a version that no upcaster knows parks its stream', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  const event = { type: 'Deposited', schemaVersion: 7, id: 'odd', data: null, meta: { correlationId: 'c' }, at: 1 };
  await here.store.events.append({ stream: 'account:a', events: [event] });
  await here.deposit('b', 1);
  await untilAfterTime(here, async () => (await here.amounts())['b'] === 1);
  const [parked] = await here.store.projections.parkedStreams({ limit: 9 });
  assert.match(parked!.error, /No upcaster knows version 7 of Deposited/);
  await assert.rejects(process.models.unpark('balances', 'account:a'), {
    code: 'PROJECTION_FAILED',
    message: /No upcaster knows version 7/,
  });
});

test('a cursor ahead of the log after a restore stops the projection and says why', async () => {
  await using here = await bankAtWork();
  await here.store.transact((tx) => tx.cursors.advance({ name: 'projection:balances:1', from: 0, to: 99 }));
  await using process = await here.process();
  await untilAfterTime(here, async () => (await process.models.health()).status === 'DOWN');
  const { components } = await process.models.health();
  assert.match(components!['balances']!.reason!, /position 99, but the log ends at 0/);
  await here.append(account, 'a', []);
});

test('a projection that parks everything stops in the end', async () => {
  await using here = await bankAtWork();
  await here.deposit('a', 1);
  const parked = { projection: 'balances', build: 1, version: 1, position: 1, error: 'no', at: 0 };
  await here.store.transact(async ({ projections }) => {
    for (let stream = 0; stream < 10_000; stream += 1) await projections.park({ ...parked, stream: `account:${stream}` });
  });
  await using process = await here.process();
  const reason = async (): Promise<string> => (await process.models.health()).components!['balances']!.reason ?? '';
  await untilAfterTime(here, async () => (await reason()).includes('has parked 10000 streams'));
  assert.deepEqual(await here.amounts(), {});
});
