import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFakeClock, type FakeClock } from '../testing/index.ts';
import { type Clock, systemClock } from './clock.ts';
import { timerWheelOf, type TimerWheel, WheelTimer } from './timer-wheel.ts';

class Recorder extends WheelTimer {
  readonly #clock: Clock;
  readonly firedAt: number[] = [];
  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }
  expire(): void {
    this.firedAt.push(this.#clock.monotonic());
  }
}

function open(): { clock: FakeClock; wheel: TimerWheel } {
  const clock = createFakeClock(0);
  return { clock, wheel: timerWheelOf(clock) };
}

test('every timer fires once, never early and less than two ticks late, unless it was disarmed', async () => {
  const plan = fc.record({ pause: fc.nat(30), delay: fc.oneof(fc.nat(40), fc.nat(12_000)), disarm: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { maxLength: 60 }), async (plans) => {
      const { clock, wheel } = open();
      const armed: { timer: Recorder; due: number; disarm: boolean }[] = [];
      for (const { pause, delay, disarm } of plans) {
        await clock.advance(pause);
        const timer = new Recorder(clock);
        const due = clock.monotonic() + delay;
        wheel.arm(timer, due);
        armed.push({ timer, due, disarm: disarm && delay > 0 });
        if (disarm && delay > 0) wheel.disarm(timer);
      }
      await clock.advance(12_100);
      for (const { timer, due, disarm } of armed) {
        assert.equal(timer.firedAt.length, disarm ? 0 : 1);
        if (!disarm) assert.ok(timer.firedAt[0]! >= due && timer.firedAt[0]! < due + 20, `${due} fired at ${timer.firedAt[0]}`);
      }
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 100 },
  );
});

test('a process that slept fires everything that came due, once', async () => {
  let now = 0;
  let tick = (): void => undefined;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    timer(_delayMs, callback) {
      tick = callback;
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const wheel = timerWheelOf(clock);
  const timers = [5, 600, 5_115, 5_125, 59_990].map((due) => {
    const timer = new Recorder(clock);
    wheel.arm(timer, due);
    return timer;
  });
  const later = new Recorder(clock);
  wheel.arm(later, 70_000);
  now = 60_000;
  tick();
  assert.deepEqual(
    timers.map(({ firedAt }) => firedAt),
    timers.map(() => [60_000]),
  );
  assert.equal(later.firedAt.length, 0);
});

test('a timer that expires may arm itself again and disarm another of the same tick', async () => {
  const { clock, wheel } = open();
  const other = new Recorder(clock);
  let rounds = 0;
  class Again extends WheelTimer {
    expire(): void {
      wheel.disarm(other);
      rounds += 1;
      if (rounds < 3) wheel.arm(this, clock.monotonic() + 10);
    }
  }
  wheel.arm(new Again(), 50);
  wheel.arm(other, 50);
  await clock.advance(200);
  assert.deepEqual([rounds, other.firedAt.length, clock.pending], [3, 0, 0]);
});

test('without timers it stops, and starts anew with the next one', async () => {
  const { clock, wheel } = open();
  const timer = new Recorder(clock);
  wheel.arm(timer, 1_000);
  wheel.disarm(timer);
  wheel.disarm(timer);
  await clock.advance(10);
  assert.equal(clock.pending, 0);
  await clock.advance(3_600_003);
  wheel.arm(timer, clock.monotonic() + 25);
  await clock.advance(40);
  assert.deepEqual([timer.firedAt, clock.pending], [[3_600_040], 0]);
});

test('its own time is exact at rest and a tick old at most while it turns', async () => {
  const { clock, wheel } = open();
  await clock.advance(123);
  assert.equal(wheel.monotonic(), 123);
  wheel.arm(new Recorder(clock), 100_000);
  await clock.advance(345);
  assert.ok(clock.monotonic() - wheel.monotonic() < 10);
});

test('on the real clock a thousand waits take one timer', async () => {
  const wheel = timerWheelOf(systemClock);
  const started = systemClock.monotonic();
  const waits = Array.from({ length: 1_000 }, (_, index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    class Wait extends WheelTimer {
      expire = resolve;
    }
    wheel.arm(new Wait(), started + (index % 50));
    return promise;
  });
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  await Promise.all(waits);
  assert.ok(timers <= 2, `${timers} timers`);
  assert.ok(systemClock.monotonic() >= started + 49);
});
