import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../testing/index.ts';
import { account, balances, bankAtWork, deposited, open } from './test/bank.ts';

type Bank = Awaited<ReturnType<typeof bankAtWork>>;

async function untilInUse(here: Bank, status: string): Promise<void> {
  await until(async () => {
    await here.clock.advance(500);
    return (await here.statuses()).includes(status);
  });
}

test('a higher version is built beside the one in use, which is read until then, and replaces it at once', async () => {
  await using here = await bankAtWork();
  {
    await using old = await here.process();
    await here.deposit('a', 1, 2);
    await old.models.caughtUp(balances(), open());
  }
  let slow = true;
  const gate = { pass: () => undefined };
  const before = (): unknown => slow && new Promise<void>((resolve) => (gate.pass = () => resolve(undefined) as undefined));
  await using next = await here.process(balances({ version: 2, times: 10, before }));
  assert.deepEqual(await here.amounts(), { a: 3 });
  assert.deepEqual(await here.statuses(), ['v1 active', 'v2 building']);
  slow = false;
  await until(() => {
    gate.pass();
    return here.statuses().then((statuses) => statuses.includes('v2 active'));
  });
  assert.deepEqual(await here.amounts(), { a: 30 });
  await here.deposit('a', 1);
  await next.models.caughtUp(balances(), open());
  assert.deepEqual(await here.amounts(), { a: 40 });
});

test('the tables of the old build are dropped later, and its place in the log with them', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  await here.deposit('a', 1);
  await process.models.caughtUp(balances(), open());
  await process.models.rebuild('balances');
  await untilInUse(here, 'v1 retired');
  const tables = async (): Promise<string[]> =>
    (await here.store.reader.introspection.getTables()).map(({ name }) => name).filter((name) => name.startsWith('balances__'));
  assert.deepEqual(await tables(), ['balances__1', 'balances__2']);
  await untilInUse(here, 'v1 dropped');
  assert.deepEqual(await tables(), ['balances__2']);
  assert.equal(await here.store.cursors.position('projection:balances:1'), 0);
  assert.deepEqual(await here.amounts(), { a: 1 });
  await assert.doesNotReject(process.models.rebuild('balances'));
  await untilInUse(here, 'v1 retired');
  assert.deepEqual(await here.amounts(), { a: 1 });
});

test('a rebuild shows how far it is, and is refused while one runs', async () => {
  await using here = await bankAtWork();
  const { promise: goOn, resolve: release } = Promise.withResolvers<void>();
  let rebuilding = false;
  await using process = await here.process(balances({ before: (amount) => rebuilding && amount === 2 && goOn }));
  await here.deposit('a', ...Array.from({ length: 600 }, () => 1), 2);
  await process.models.caughtUp(balances(), open());
  rebuilding = true;
  await process.models.rebuild('balances');
  await assert.rejects(process.models.rebuild('balances'), { code: 'REBUILD_RUNS' });
  await until(async () => (await here.store.cursors.position('projection:balances:2')) === 500);
  await here.clock.advance(1_000);
  const building = (await process.models.states()).find(({ build }) => build === 2)!;
  assert.deepEqual([building.status, building.position, building.lag], ['building', 500, 101]);
  assert.deepEqual([building.perSecond, building.etaMs], [500, 202]);
  release();
  await untilInUse(here, 'v1 retired');
  const states = await process.models.states();
  assert.deepEqual(
    states.map(({ build, status, lag, mode }) => [build, status, lag, mode]),
    [[1, 'retired', 0, 'catch-up'], [2, 'active', 0, 'catch-up']], // prettier-ignore
  );
});

test('a build that had to park a stream does not replace one that did not', async () => {
  await using here = await bankAtWork();
  {
    await using old = await here.process();
    await here.deposit('a', 1, 666);
    await here.deposit('b', 1);
    await old.models.caughtUp(balances(), open());
  }
  let cursed = true;
  const before = (amount: number): void => assert.ok(!cursed || amount !== 666, 'no');
  await using next = await here.process(balances({ version: 2, before }));
  await until(async () => {
    await here.clock.advance(500);
    return (await here.store.projections.parkedStreams({ limit: 9 })).length === 1;
  });
  await here.clock.advance(20_000);
  assert.deepEqual(await here.statuses(), ['v1 active', 'v2 building']);
  cursed = false;
  await next.models.unpark('balances', 'account:a');
  await untilInUse(here, 'v2 active');
  assert.deepEqual(await here.amounts(), { a: 667, b: 1 });
});

test('a build that newer code overtakes before it is done is given up', async () => {
  await using here = await bankAtWork();
  await here.deposit('a', 1);
  {
    await using _first = await here.process();
    await untilInUse(here, 'v1 active');
  }
  {
    await using _gone = await here.process(balances({ version: 2, before: () => assert.fail('not today') }));
  }
  assert.deepEqual(await here.statuses(), ['v1 active', 'v2 building']);
  await using _next = await here.process(balances({ version: 3 }));
  await untilInUse(here, 'v3 active');
  assert.deepEqual(await here.statuses(), ['v1 retired', 'v2 retired', 'v3 active']);
});

test('older code beside newer leaves the newer build alone', async () => {
  await using here = await bankAtWork();
  await using next = await here.process(balances({ version: 2 }));
  await using old = await here.process(balances({ version: 1 }));
  await here.deposit('a', 1);
  await here.clock.advance(30_000);
  await next.models.caughtUp(balances(), open());
  assert.deepEqual(await here.statuses(), ['v2 active']);
  await old.models.caughtUp(balances(), open());
  assert.deepEqual(await here.amounts(), { a: 1 });
  await assert.rejects(old.models.rebuild('balances'), { code: 'PROJECTION_NEWER' });
});

test('an inline read model holds a change as soon as it is committed, and nothing of one that failed', async () => {
  await using here = await bankAtWork();
  const before = (amount: number): void => assert.notEqual(amount, 666, 'no');
  await using process = await here.process(balances({ mode: 'inline', before }));
  await process.deposit('a', 1, 2);
  assert.deepEqual(await here.amounts(), { a: 3 });
  await assert.rejects(process.deposit('a', 4, 666), /no/);
  assert.deepEqual(await here.amounts(), { a: 3 });
  assert.equal((await here.store.events.readStream('account:a')).length, 2);
  await process.store.events.append({
    stream: 'account:b',
    events: [{ ...deposited(7), schemaVersion: 1, id: 'alone', meta: { correlationId: 'c' }, at: 1 }],
  });
  assert.deepEqual(await here.amounts(), { a: 3, b: 7 });
});

test('an inline read model of a log with a past is built from it before commands take over', async () => {
  await using here = await bankAtWork();
  await here.deposit('a', 1, 2);
  await using process = await here.process(balances({ mode: 'inline' }));
  await process.deposit('a', 3);
  await untilInUse(here, 'v1 active');
  assert.deepEqual(await here.amounts(), { a: 6 });
  await process.deposit('a', 4);
  assert.deepEqual(await here.amounts(), { a: 10 });
});

test('commands write to an inline read model all the while that it is rebuilt', async () => {
  await using here = await bankAtWork();
  await using process = await here.process(balances({ mode: 'inline' }));
  await process.deposit('a', ...Array.from({ length: 900 }, () => 1));
  await process.models.rebuild('balances');
  let deposits = 900;
  await until(async () => {
    await process.deposit('a', 1);
    deposits += 1;
    assert.deepEqual(await here.amounts(), { a: deposits });
    await here.clock.advance(50);
    return (await here.statuses()).includes('v1 retired');
  });
  await process.deposit('a', 1);
  assert.deepEqual(await here.rows(), [{ id: 'a', amount: deposits + 1, version: deposits + 1, open: 1 }]);
});

test('older code can not write an inline read model of newer code, and says so', async () => {
  await using here = await bankAtWork();
  await using old = await here.process(balances({ mode: 'inline' }));
  await old.deposit('a', 1);
  await using next = await here.process(balances({ mode: 'inline', version: 2 }));
  await untilInUse(here, 'v2 active');
  await assert.rejects(old.deposit('a', 1), { code: 'PROJECTION_NEWER', retryable: true });
  await next.deposit('a', 1);
  assert.deepEqual(await here.amounts(), { a: 2 });
  await here.append(account, 'b', []);
});
