import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSingleFlight } from './single-flight.ts';

const forever = new AbortController().signal;

test('a thousand callers at once share one piece of work', async () => {
  const flights = createSingleFlight<number>();
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const work = async (): Promise<number> => {
    runs += 1;
    await gate.promise;
    return runs;
  };
  const callers = Array.from({ length: 1000 }, () => flights.run('key', work, forever));
  gate.resolve();
  assert.deepEqual(new Set(await Promise.all(callers)), new Set([1]));
  await flights.run('key', work, forever);
  assert.equal(runs, 2);
});

test('all get the error of the shared work, and the next caller starts anew', async () => {
  const flights = createSingleFlight<string>();
  const failing = async (): Promise<string> => {
    throw new Error('upstream is down');
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => flights.run('key', failing, forever)));
  assert.ok(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason.message === 'upstream is down'));
  assert.equal(await flights.run('key', async () => 'up', forever), 'up');
});

test('the first caller may leave: the others are still served', async () => {
  const flights = createSingleFlight<string>();
  const gate = Promise.withResolvers<string>();
  const first = new AbortController();
  let aborted = false;
  const work = (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => (aborted = true));
    return gate.promise;
  };
  const left = assert.rejects(flights.run('key', work, first.signal), { code: 'CANCELLED' });
  const stayed = flights.run('key', work, forever);
  first.abort();
  await left;
  assert.equal(aborted, false);
  gate.resolve('done');
  assert.equal(await stayed, 'done');
});

test('work that nobody waits for is aborted, and who comes then starts anew', async () => {
  const flights = createSingleFlight<string>();
  const leaving = new AbortController();
  let workSignal: AbortSignal | undefined;
  const stuck = (signal: AbortSignal): Promise<string> => {
    workSignal = signal;
    return new Promise(() => undefined);
  };
  const left = [1, 2, 3].map(() => assert.rejects(flights.run('key', stuck, leaving.signal), { code: 'CANCELLED' }));
  leaving.abort();
  await Promise.all(left);
  assert.equal(workSignal?.aborted, true);
  assert.equal(await flights.run('key', async () => 'new', forever), 'new');
});

test('work that throws before it waits is a failure like any other', async () => {
  const flights = createSingleFlight<string>();
  const broken = (): Promise<string> => {
    throw new Error('at once');
  };
  await assert.rejects(flights.run('key', broken, forever), /at once/);
});

test('a caller who is gone already starts nothing', async () => {
  const flights = createSingleFlight<string>();
  const gone = AbortSignal.abort();
  await assert.rejects(
    flights.run('key', () => assert.fail('started'), gone),
    { code: 'CANCELLED' },
  );
});
