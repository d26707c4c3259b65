import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { saga, type SagaDefinition } from './index.ts';
import { declined, Order, openYard, orders, silentPort, type Yard } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };

/** A saga whose first step can't be undone while the weather is bad. */
function stormy(weather: { bad: boolean; undone: number }): SagaDefinition {
  return saga('stormy', spec)
    .step('sail', {
      run: () => 'out',
      compensate: () => {
        if (weather.bad) throw silentPort();
        weather.undone += 1;
        return Promise.resolve();
      },
    })
    .step('land', { run: () => Promise.reject(declined()) })
    .compensated(({ emit }, { input }) => emit('Noted', { id: input.id, what: 'back' }));
}

async function stuckSaga(yard: Yard) {
  const weather = { bad: true, undone: 0 };
  const definition = stormy(weather);
  const coordinator = yard.coordinator([definition]);
  const id = await yard.start(definition, 'order-1');
  const row = await yard.reaches(id, 'stuck');
  return { weather, coordinator, id, row };
}

suite('a compensation that keeps failing', () => {
  test('gets the saga stuck with one alert, one error line and degraded health', async () => {
    await using yard = await openYard();
    const { coordinator, id, row } = await stuckSaga(yard);
    await yard.runtime.clock.advance(120_000);
    const data = { sagaId: id, kind: 'stormy', key: 'order-1', step: 'sail', code: 'UNAVAILABLE', message: 'Nobody answers.' };
    assert.deepEqual(await yard.eventsOf('saga.stuck'), [{ ...data, acts: ['retry', 'skip', 'resolve'] }]);
    assert.equal(yard.errors.length, 1);
    assert.equal(row.reason, 'sail: UNAVAILABLE: Nobody answers.');
    assert.deepEqual(await coordinator.health(), {
      status: 'DEGRADED',
      reason: "One saga is stuck and needs a person. See 'flotilla sagas list --status stuck'.",
    });
    const attempts = (await coordinator.show(id)).journal.filter(
      ({ status, direction }) => status === 'started' && direction === 'compensate',
    );
    assert.equal(attempts.length, 8);
  });

  test('goes on after a retry, audited', async () => {
    await using yard = await openYard();
    const { coordinator, weather, id } = await stuckSaga(yard);
    weather.bad = false;
    await coordinator.repair({ id, act: 'retry', operator: 'ada' });
    await yard.reaches(id, 'compensated');
    assert.equal(weather.undone, 1);
    const data = { sagaId: id, kind: 'stormy', key: 'order-1', act: 'retry', step: 'sail', operator: 'ada' };
    assert.deepEqual(await yard.eventsOf('saga.repaired'), [data]);
    assert.deepEqual(await coordinator.health(), { status: 'UP' });
  });

  test('gets stuck again, with another alert, when a retry does not help', async () => {
    await using yard = await openYard();
    const { coordinator, id } = await stuckSaga(yard);
    assert.equal((await coordinator.repair({ id, act: 'retry', operator: 'ada' })).status, 'compensating');
    await yard.reaches(id, 'stuck');
    assert.equal((await yard.eventsOf('saga.stuck')).length, 2);
  });

  test('is counted as done after a skip, and the rest goes on', async () => {
    await using yard = await openYard();
    const { coordinator, weather, id } = await stuckSaga(yard);
    await coordinator.repair({ id, act: 'skip', reason: 'brought back by hand', operator: 'ada' });
    await yard.reaches(id, 'compensated');
    assert.equal(weather.undone, 0);
    assert.deepEqual(await yard.notes(), ['back']);
  });

  test('is closed by a resolve, after which nothing runs', async () => {
    await using yard = await openYard();
    const { coordinator, weather, id } = await stuckSaga(yard);
    const row = await coordinator.repair({ id, act: 'resolve', reason: 'all seen to', operator: 'ada' });
    assert.equal(row.status, 'compensated');
    await yard.runtime.clock.advance(60_000);
    assert.deepEqual([weather.undone, await yard.notes()], [0, []]);
    const [audit] = (await yard.eventsOf('saga.repaired')) as [{ act: string; reason: string }];
    assert.deepEqual([audit.act, audit.reason], ['resolve', 'all seen to']);
  });
});

suite('an act is refused', () => {
  test('on a saga that is not stuck, or not there', async () => {
    await using yard = await openYard();
    const fine = saga('fine', spec).step('only', { run: () => 1 });
    const coordinator = yard.coordinator([fine]);
    const id = await yard.start(fine, 'order-1');
    await yard.reaches(id, 'done');
    await assert.rejects(coordinator.repair({ id, act: 'retry', operator: 'ada' }), { code: 'SAGA_NOT_STUCK', kind: 'conflict' });
    await assert.rejects(coordinator.repair({ id: 'x', act: 'retry', operator: 'ada' }), { code: 'SAGA_NOT_FOUND' });
    await assert.rejects(coordinator.show('x'), { code: 'SAGA_NOT_FOUND', kind: 'not-found' });
  });

  test('without the reason that leaving something undone needs', async () => {
    await using yard = await openYard();
    const { coordinator, id } = await stuckSaga(yard);
    for (const act of ['skip', 'resolve'] as const) {
      await assert.rejects(coordinator.repair({ id, act, reason: ' ', operator: 'ada' }), { code: 'REPAIR_REASON_REQUIRED' });
    }
    assert.deepEqual(await yard.eventsOf('saga.repaired'), []);
  });

  test('twice: of two operators at once one comes too late', async () => {
    await using yard = await openYard();
    const { coordinator, id } = await stuckSaga(yard);
    const acts = ['ada', 'bob'].map((operator) => coordinator.repair({ id, act: 'resolve', reason: 'done', operator }));
    const outcomes = await Promise.allSettled(acts);
    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    assert.equal((await yard.eventsOf('saga.repaired')).length, 1);
  });
});

suite('versions', () => {
  const start = saga('changing', { ...spec, version: '1' }).step('old', { run: () => 1 });

  test('a version that nobody knows gets stuck, and goes on where it is known', async () => {
    await using yard = await openYard();
    const other = yard.coordinator([saga('changing', { ...spec, version: '2' }).step('new', { run: () => 1 })]);
    const id = await yard.start(start, 'order-1');
    assert.match((await yard.reaches(id, 'stuck')).reason!, /UNKNOWN_SAGA_VERSION/);
    await assert.rejects(other.repair({ id, act: 'skip', reason: 'x', operator: 'ada' }), { code: 'NOTHING_TO_SKIP' });
    await other.stop();

    const knowing = yard.coordinator([start]);
    await knowing.repair({ id, act: 'retry', operator: 'ada' });
    await yard.reaches(id, 'done');
  });

  test('several versions of one saga run side by side', async () => {
    await using yard = await openYard();
    const did: string[] = [];
    const versions = ['1', '2'].map((version) =>
      saga('changing', { ...spec, version }).step(`step of ${version}`, { run: () => void did.push(version) }),
    );
    yard.coordinator(versions);
    const ids = await Promise.all(versions.map((version, index) => yard.start(version, `order-${index}`)));
    for (const id of ids) await yard.reaches(id, 'done');
    assert.deepEqual(did.toSorted(), ['1', '2']);
  });
});

test('an end handler that keeps failing leaves the saga stuck at its end; skipped, it ends without', async () => {
  await using yard = await openYard();
  let tries = 0;
  const ending = saga('ending', spec)
    .step('only', { run: () => 'x', commit: (_, { emit }, { input }) => emit('Noted', { id: input.id, what: 'step' }) })
    .done(() => {
      tries += 1;
      throw declined();
    });
  const coordinator = yard.coordinator([ending]);
  const id = await yard.start(ending, 'order-1');
  await yard.reaches(id, 'stuck');
  assert.deepEqual([tries, await yard.notes()], [5, ['step']]);
  await coordinator.repair({ id, act: 'skip', reason: 'not needed', operator: 'ada' });
  await yard.reaches(id, 'done');
  assert.equal(tries, 5);
});
