import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../kernel/index.ts';
import { createFakeClock, until } from '../testing/index.ts';
import { createLoadShedder, openEventLoopProbe, type Priority } from './index.ts';

function open() {
  const clock = createFakeClock(0);
  const loop = { p99: 0, reads: 0 };
  const probe = { readP99Ms: () => ((loop.reads += 1), loop.p99) };
  const shedder = createLoadShedder({ clock, probe });
  /** A health check comes twenty times a second; tells what is refused at the end. */
  const seconds = async (count: number): Promise<readonly Priority[]> => {
    for (let check = 0; check < count * 20; check += 1) {
      await clock.advance(50);
      shedder.admit('health');
    }
    return shedder.refused;
  };
  return { clock, loop, shedder, seconds };
}

test('a loop that runs late for a second costs the lowest priority first, and never the health checks', async () => {
  const { loop, seconds } = open();
  loop.p99 = 201;
  assert.deepEqual(await seconds(1), []);
  assert.deepEqual(await seconds(0.5), ['low']);
  assert.deepEqual(await seconds(1), ['low', 'normal']);
  assert.deepEqual(await seconds(10), ['low', 'normal', 'high']);
});

test('what is refused comes back one priority after the other when the loop is in time again', async () => {
  const { loop, seconds } = open();
  loop.p99 = 500;
  await seconds(10);
  loop.p99 = 200;
  assert.deepEqual(await seconds(1.5), ['low', 'normal']);
  assert.deepEqual(await seconds(2), []);
});

test('what is refused is told to come back, and the rest comes in', async () => {
  const { loop, seconds, shedder } = open();
  loop.p99 = 500;
  await seconds(1.5);
  assert.throws(() => shedder.admit('low'), { code: 'OVERLOADED', kind: 'unavailable' });
  shedder.admit();
  await seconds(1);
  assert.throws(() => shedder.admit(), { code: 'OVERLOADED', details: { priority: 'normal', retryAfterMs: 1_000 } });
  shedder.admit('high');
});

test('a short hiccup refuses nobody', async () => {
  const { loop, seconds } = open();
  for (let hiccup = 0; hiccup < 5; hiccup += 1) {
    loop.p99 = 900;
    assert.deepEqual(await seconds(0.7), []);
    loop.p99 = 0;
    await seconds(0.5);
  }
});

test('the probe is asked now and then, not for each piece of work', async () => {
  const { loop, clock, shedder } = open();
  for (let work = 0; work < 1_000; work += 1) shedder.admit();
  assert.equal(loop.reads, 0);
  await clock.advance(250);
  for (let work = 0; work < 1_000; work += 1) shedder.admit();
  assert.equal(loop.reads, 1);
});

test('whatever comes when: one priority at a time, each after a second of nothing else, and all come back', async () => {
  const step = fc.record({ pause: fc.oneof(fc.nat(300), fc.nat(3_000)), p99: fc.constantFrom(0, 150, 200, 201, 900) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const clock = createFakeClock(0);
      const readings: { at: number; isLate: boolean }[] = [];
      let p99 = 0;
      const readP99Ms = (): number => (readings.push({ at: clock.monotonic(), isLate: p99 > 200 }), p99);
      const shedder = createLoadShedder({ clock, probe: { readP99Ms } });
      let changedAt = -Infinity;
      for (const step of steps) {
        ({ p99 } = step);
        const before = shedder.refused;
        await clock.advance(step.pause);
        shedder.admit('health');
        const { refused } = shedder;
        assert.deepEqual(refused, (['low', 'normal', 'high'] as const).slice(0, refused.length));
        for (const priority of refused) assert.throws(() => shedder.admit(priority), { code: 'OVERLOADED' });
        if (refused.length < 3) shedder.admit('high');
        if (refused.length === before.length) continue;
        const now = clock.monotonic();
        assert.equal(Math.abs(refused.length - before.length), 1);
        assert.ok(now - changedAt >= 1_000, `two changes in ${now - changedAt} ms`);
        const lately = readings.filter(({ at }) => at > now - 1_000);
        assert.ok(lately.every(({ isLate }) => isLate === refused.length > before.length));
        changedAt = now;
      }
      p99 = 0;
      for (let quarter = 0; quarter < 17; quarter += 1) {
        await clock.advance(250);
        shedder.admit('health');
      }
      assert.deepEqual(shedder.refused, []);
    }),
  );
});

test('the real probe sees a blocked event loop, and that it is over', async () => {
  using probe = openEventLoopProbe();
  let seen = 0;
  await until(() => {
    const start = systemClock.monotonic();
    while (systemClock.monotonic() - start < 100);
    seen = Math.max(seen, probe.readP99Ms());
    return seen >= 40;
  });
  await until(() => probe.readP99Ms() < seen / 2);
});
