import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as z from 'zod';
import { saga } from './index.ts';
import { Order, openYard, orders } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };
const Approval = z.object({ by: z.string() });
const HOUR_MS = 3_600_000;

suite('sleeping', () => {
  const sleeper = (woke: (at: number) => void, now: () => number) =>
    saga('sleeper', spec)
      .step('before', { run: () => 1 })
      .sleep('night', ({ results }) => results.before * HOUR_MS)
      .step('after', { run: () => woke(now()) });

  test('lasts as long as was said, never less, through a restart of the process', async () => {
    await using yard = await openYard();
    const { clock } = yard.runtime;
    const woke: number[] = [];
    const definition = sleeper(
      (at) => void woke.push(at),
      () => clock.now(),
    );
    const first = yard.coordinator([definition]);
    const begun = clock.now();
    const id = await yard.start(definition, 'order-1');
    await yard.reaches(id, 'waiting');
    await first.stop();
    yard.coordinator([definition]);
    clock.step(HOUR_MS - 5_000);
    await clock.advance(2_000);
    assert.deepEqual(woke, []);
    await yard.reaches(id, 'done');
    assert.ok(woke[0]! >= begun + HOUR_MS, `woke after ${woke[0]! - begun} ms`);
    assert.ok(woke[0]! <= begun + HOUR_MS + 10_000);
  });

  test('costs no claim: the saga lies in the database', async () => {
    await using yard = await openYard();
    const definition = saga('sleeper', spec).sleep('night', '1h');
    yard.coordinator([definition]);
    const id = await yard.start(definition, 'order-1');
    const { fence } = await yard.reaches(id, 'waiting');
    await yard.runtime.clock.advance(60_000);
    const row = (await yard.store.sagas.find(id))!.saga;
    assert.deepEqual([row.fence, row.owner], [fence, undefined]);
  });

  test('for a time that makes no sense turns the saga back', async () => {
    await using yard = await openYard();
    const definition = saga('sleeper', spec).sleep('night', () => -1);
    yard.coordinator([definition]);
    const row = await yard.reaches(await yard.start(definition, 'order-1'), 'compensated');
    assert.match(row.reason!, /^night: INVALID_DURATION/);
  });
});

suite('waiting for a decision', () => {
  const approving = saga('approving', spec)
    .waitFor('approval', { schema: Approval, timeout: '1d' })
    .done(({ emit }, { input, results }) => emit('Noted', { id: input.id, what: results.approval.by }));

  test('goes on at once when somebody decides, with what they said', async () => {
    await using yard = await openYard();
    yard.coordinator([approving]);
    const id = await yard.start(approving, 'order-1');
    await yard.reaches(id, 'waiting');
    assert.equal(await yard.signal(approving, { key: 'order-1', name: 'approval', data: { by: 'ada' } }), 'delivered');
    await yard.reaches(id, 'done');
    assert.deepEqual(await yard.notes(), ['ada']);
    assert.deepEqual((await yard.store.sagas.find(id))!.signals, []);
  });

  test('takes a decision that was made before it asked, or before it was there', async () => {
    await using yard = await openYard();
    yard.coordinator([approving]);
    assert.equal(await yard.signal(approving, { key: 'order-1', name: 'approval', data: { by: 'early' } }), 'kept');
    await yard.reaches(await yard.start(approving, 'order-1'), 'done');
    assert.deepEqual(await yard.notes(), ['early']);
  });

  test('refuses at the sender what it could not read, and what nobody waits for', async () => {
    await using yard = await openYard();
    const send = (name: string, data: unknown) => yard.signal(approving, { key: 'order-1', name, data });
    await assert.rejects(send('approval', { by: 7 }), { code: 'INVALID_INPUT' });
    await assert.rejects(send('aproval', { by: 'ada' }), { code: 'UNKNOWN_SIGNAL', kind: 'invalid' });
  });

  test('that never comes turns the saga back when its time is over', async () => {
    await using yard = await openYard();
    yard.coordinator([approving]);
    const id = await yard.start(approving, 'order-1');
    await yard.reaches(id, 'waiting');
    yard.runtime.clock.step(24 * HOUR_MS);
    assert.match((await yard.reaches(id, 'compensated')).reason!, /^approval: WAIT_TIMEOUT/);
    assert.equal(await yard.signal(approving, { key: 'order-1', name: 'approval', data: { by: 'late' } }), 'ended');
  });

  test('may be done without', async () => {
    await using yard = await openYard();
    const patient = saga('patient', spec)
      .waitFor('approval', { schema: Approval, timeout: '1h', onTimeout: 'go-on' })
      .done(({ emit }, { input, results }) => emit('Noted', { id: input.id, what: results.approval?.by ?? 'nobody' }));
    yard.coordinator([patient]);
    const id = await yard.start(patient, 'order-1');
    await yard.reaches(id, 'waiting');
    yard.runtime.clock.step(HOUR_MS);
    await yard.reaches(id, 'done');
    assert.deepEqual(await yard.notes(), ['nobody']);
  });

  test('is passed over where there is nothing to decide, and costs nothing', async () => {
    await using yard = await openYard();
    const big = saga('big', spec)
      .step('weigh', { run: () => 3 })
      .waitFor('approval', { schema: Approval, when: ({ results }) => results.weigh > 5 })
      .done(({ emit }, { input, results }) => emit('Noted', { id: input.id, what: results.approval?.by ?? 'light' }));
    yard.coordinator([big]);
    const id = await yard.start(big, 'order-1');
    const { fence } = await yard.reaches(id, 'done');
    assert.deepEqual([fence, await yard.notes()], [1, ['light']]);
  });

  test('that nobody made in time is told to operators exactly once', async () => {
    await using yard = await openYard();
    const watched = saga('watched', spec).waitFor('approval', { schema: Approval, timeout: '1h', alert: true });
    yard.coordinator([watched]);
    yard.coordinator([watched]);
    const id = await yard.start(watched, 'order-1');
    await yard.reaches(id, 'waiting');
    yard.runtime.clock.step(HOUR_MS);
    await yard.reaches(id, 'compensated');
    await yard.runtime.clock.advance(60_000);
    const data = { sagaId: id, kind: 'watched', key: 'order-1', step: 'approval', waitedMs: HOUR_MS };
    assert.deepEqual(await yard.eventsOf('saga.overdue'), [data]);
    assert.equal(yard.errors.length, 1);
  });

  test('in words that a later version can not read leaves the saga stuck, until somebody says what was meant', async () => {
    await using yard = await openYard();
    await yard.signal(approving, { key: 'order-1', name: 'approval', data: { by: 'ada' } });
    const changed = saga('approving', spec)
      .waitFor('approval', { schema: z.object({ by: z.number() }) })
      .done(({ emit }, { input, results }) => emit('Noted', { id: input.id, what: String(results.approval.by) }));
    const coordinator = yard.coordinator([changed]);
    const id = await yard.start(changed, 'order-1');
    assert.match((await yard.reaches(id, 'stuck')).reason!, /^approval: INVALID_SIGNAL: .*by/);
    await coordinator.repair({ id, act: 'edit', output: { by: 7 }, reason: 'ada is number 7', operator: 'bob' });
    await yard.reaches(id, 'done');
    assert.deepEqual(await yard.notes(), ['7']);
  });
});

test('a signal whose saga never comes expires with one alert', async () => {
  await using yard = await openYard();
  const approving = saga('approving', spec).waitFor('approval', { schema: Approval });
  yard.coordinator([approving]);
  yard.coordinator([approving]);
  await yard.signal(approving, { key: 'order-1', name: 'approval', data: { by: 'ada' }, id: 'd-1' });
  yard.runtime.clock.step(6 * 24 * HOUR_MS);
  await yard.runtime.clock.advance(60_000);
  assert.deepEqual(await yard.eventsOf('saga.signal-expired'), []);
  yard.runtime.clock.step(24 * HOUR_MS);
  await yard.runtime.clock.advance(120_000);
  const data = { signal: 'd-1', kind: 'approving', key: 'order-1', name: 'approval', data: { by: 'ada' } };
  assert.deepEqual(await yard.eventsOf('saga.signal-expired'), [data]);
  assert.equal(yard.errors.length, 1);
});
