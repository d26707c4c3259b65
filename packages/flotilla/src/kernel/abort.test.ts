import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { createFakeRuntime } from '../testing/index.ts';
import { FlotillaError, isFlotillaError, linkSignal, sleep, untilAborted, withTimeout } from './index.ts';

const late = (): FlotillaError => new FlotillaError('LATE', { kind: 'timeout', message: 'late' });
const hasCode = (code: string) => (error: unknown) => isFlotillaError(error) && error.code === code;

test('work that outlives its time is rejected and told to stop', async () => {
  const { clock } = createFakeRuntime();
  let reason: unknown;
  const running = withTimeout({ clock, timeoutMs: 100, onTimeout: late }, (signal) => {
    signal.addEventListener('abort', () => (reason = signal.reason));
    return new Promise(() => undefined);
  });
  const rejected = assert.rejects(running, hasCode('LATE'));
  await clock.advance(100);
  await rejected;
  assert.ok(hasCode('LATE')(reason));
});

test('work that ends in time leaves no timer and no listener behind', async () => {
  const { clock } = createFakeRuntime();
  const parent = new AbortController();
  const result = await withTimeout({ clock, timeoutMs: 100, signal: parent.signal, onTimeout: late }, async () => 'done');
  assert.equal(result, 'done');
  assert.equal(getEventListeners(parent.signal, 'abort').length, 0);
  await clock.advance(1_000);
});

test('a parent that aborts reaches the child with a code, even when its reason had none', async () => {
  const parent = new AbortController();
  using link = linkSignal(parent.signal);
  parent.abort('gone');
  assert.ok(hasCode('CANCELLED')(link.signal.reason));
  using late = linkSignal(parent.signal);
  assert.ok(late.signal.aborted, 'a parent that was aborted before counts too');
});

test('a sleep ends at its time, or at once when its signal aborts', async () => {
  const { clock } = createFakeRuntime();
  const slept = sleep(clock, 50);
  await clock.advance(50);
  await slept;
  const controller = new AbortController();
  const interrupted = sleep(clock, 60_000, controller.signal);
  controller.abort(late());
  await assert.rejects(interrupted, hasCode('LATE'));
  await assert.rejects(sleep(clock, 1, controller.signal), hasCode('LATE'));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

test('untilAborted settles like the promise and lets go of the signal', async () => {
  const controller = new AbortController();
  assert.equal(await untilAborted(controller.signal, Promise.resolve(1)), 1);
  await assert.rejects(untilAborted(controller.signal, Promise.reject(late())), hasCode('LATE'));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});
