import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../testing/index.ts';
import { follow, type Follower, unfollow } from './follow.ts';
import { timerWheelOf } from './timer-wheel.ts';

class Recorder implements Follower {
  readonly reasons: Error[] = [];
  abort(reason: Error): void {
    this.reasons.push(reason);
  }
}

/** A signal that counts its listeners. */
function open() {
  const clock = createFakeClock(0);
  const controller = new AbortController();
  const { signal } = controller;
  const counts = { listeners: 0, added: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    counts.listeners += 1;
    counts.added += 1;
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    counts.listeners -= 1;
    removeEventListener.apply(signal, given);
  };
  return { clock, wheel: timerWheelOf(clock), controller, signal, counts };
}

test('all who follow a signal hear of its end, each once, with its reason as an error', () => {
  const { wheel, controller, signal, counts } = open();
  const [one, two, gone] = [new Recorder(), new Recorder(), new Recorder()];
  for (const follower of [one, two, gone]) follow(signal, follower, wheel);
  unfollow(signal, gone);
  controller.abort();
  controller.abort();
  assert.deepEqual([one.reasons.length, two.reasons.length, gone.reasons.length], [1, 1, 0]);
  assert.equal((one.reasons[0] as { code?: string }).code, 'CANCELLED');
  assert.equal(counts.listeners, 0);
});

test('one who hears of the end may let others go and follow elsewhere', () => {
  const { wheel, controller, signal } = open();
  const other = new AbortController().signal;
  const late = new Recorder();
  const follower: Follower = {
    abort() {
      unfollow(signal, late);
      unfollow(signal, follower);
      follow(other, follower, wheel);
    },
  };
  follow(signal, follower, wheel);
  follow(signal, late, wheel);
  controller.abort();
  assert.equal(late.reasons.length, 0);
  unfollow(other, follower);
});

test('a signal for one call is let go at once; one for many is listened to once and let go when they are over', async () => {
  const { clock, wheel, signal, counts } = open();
  const follower = new Recorder();
  follow(signal, follower, wheel);
  unfollow(signal, follower);
  assert.deepEqual(counts, { listeners: 0, added: 1 });
  for (let call = 0; call < 1_000; call += 1) {
    follow(signal, follower, wheel);
    unfollow(signal, follower);
  }
  assert.deepEqual(counts, { listeners: 1, added: 2 });
  await clock.advance(20);
  assert.deepEqual([counts.listeners, clock.pending], [0, 0]);
});

test('who follows when nobody else did for a while hears of the end too', async () => {
  const { clock, wheel, controller, signal } = open();
  const follower = new Recorder();
  for (const pause of [0, 0, 50, 0]) {
    await clock.advance(pause);
    follow(signal, follower, wheel);
    unfollow(signal, follower);
  }
  follow(signal, follower, wheel);
  await clock.advance(50);
  controller.abort();
  assert.equal(follower.reasons.length, 1);
});
