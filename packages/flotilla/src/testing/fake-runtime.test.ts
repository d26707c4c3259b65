import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../kernel/index.ts';
import { createFakeRuntime } from './fake-runtime.ts';

test('time stands still until it is advanced, and both clocks move together', async () => {
  const { clock } = createFakeRuntime({ start: 1_000 });
  assert.equal(clock.now(), 1_000);
  await clock.advance(250);
  assert.deepEqual([clock.now(), clock.monotonic()], [1_250, 250]);
});

test('due timers fire in the order of their times, at their times', async () => {
  const { clock } = createFakeRuntime({ start: 0 });
  const fired: string[] = [];
  const note = (name: string) => (): void => void fired.push(`${name}@${clock.now()}`);
  clock.timer(30, note('late'));
  clock.timer(10, note('first'));
  clock.timer(10, note('second'));
  clock.timer(31, note('never'));
  await clock.advance(30);
  assert.deepEqual(fired, ['first@10', 'second@10', 'late@30']);
  assert.equal(clock.pending, 1);
});

test('a loop of sleeps goes round as often as in real time', async () => {
  const { clock } = createFakeRuntime();
  let rounds = 0;
  const stop = new AbortController();
  const loop = (async () => {
    for (;;) {
      await sleep(clock, 100, stop.signal);
      rounds += 1;
    }
  })();
  await clock.advance(1_000);
  assert.equal(rounds, 10);
  stop.abort();
  await assert.rejects(loop, { code: 'CANCELLED' });
  assert.equal(clock.pending, 0);
});

test('a disposed timer never fires', async () => {
  const { clock } = createFakeRuntime();
  const timer = clock.timer(10, () => assert.fail('fired'));
  timer[Symbol.dispose]();
  await clock.advance(20);
});

test('a step moves the wall clock only', async () => {
  const { clock } = createFakeRuntime({ start: 0 });
  let fired = false;
  clock.timer(50, () => (fired = true));
  clock.step(3_600_000);
  await clock.advance(49);
  assert.deepEqual([clock.now(), clock.monotonic(), fired], [3_600_049, 49, false]);
});

test('one seed gives the same numbers and ids each time, another seed gives others', () => {
  const sample = (seed: number): unknown[] => {
    const { random, ids } = createFakeRuntime({ seed });
    return [random.next(), random.next(), [...random.bytes(4)], ids(), ids()];
  };
  assert.deepEqual(sample(7), sample(7));
  assert.notDeepEqual(sample(7), sample(8));
});
