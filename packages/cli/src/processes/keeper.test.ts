import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeRuntime, until } from 'flotilla/testing';
import { type Happening, Keeper } from './keeper.ts';
import type { Ending, PartProcess, Ready } from './part-process.ts';

/** A process in the hands of a test. */
function fakeProcess(pid: number) {
  const ready = Promise.withResolvers<Ready>();
  const ended = Promise.withResolvers<Ending>();
  const signals: string[] = [];
  const process: PartProcess = {
    pid,
    ready: ready.promise,
    ended: ended.promise,
    beat: undefined,
    stop: () => void signals.push('stop'),
    kill: () => {
      signals.push('kill');
      ended.resolve({ code: null, signal: 'SIGKILL' });
    },
  };
  return { process, signals, up: () => ready.resolve({ internalUrl: 'http://127.0.0.1:1' }), end: ended.resolve };
}

function keep() {
  const runtime = createFakeRuntime();
  const processes: ReturnType<typeof fakeProcess>[] = [];
  const happenings: Happening[] = [];
  const launch = (): PartProcess => {
    processes.push(fakeProcess(processes.length + 1));
    return processes.at(-1)!.process;
  };
  const keeper = new Keeper({ runtime, launch, report: (happening) => happenings.push(happening) });
  const started = (count: number): Promise<void> => until(() => processes.length === count);
  return { keeper, runtime, processes, happenings, started, is: (state: string) => until(() => keeper.state === state) };
}

const crash: Ending = { code: 134, signal: null };
const refusal: Ending = { code: 1, signal: null, error: { code: 'PORT_TAKEN', message: 'Port 1 is taken' } };

test('a process that dies is started again after a pause that grows', async () => {
  const { keeper, runtime, processes, happenings, started, is } = keep();
  for (let count = 1; count <= 12; count += 1) {
    await started(count);
    processes[count - 1]!.up();
    await is('up');
    processes[count - 1]!.end(crash);
    await is('restarting');
    await runtime.clock.advance(10_000);
  }
  const pauses = happenings.flatMap((happening) => (happening.event === 'restarting' ? [happening.inMs] : []));
  assert.ok(
    pauses.every((pause, index) => pause >= 100 && pause <= Math.min(10_000, 200 * 2 ** index)),
    pauses.join(),
  );
  assert.ok(Math.max(...pauses) > 2_000, pauses.join());
  assert.equal(keeper.restarts, 12);
  keeper.kill();
});

test('one that was up for long starts again as soon as after its first end', async () => {
  const { keeper, runtime, processes, happenings, started, is } = keep();
  for (let count = 1; count <= 8; count += 1) {
    await started(count);
    processes[count - 1]!.up();
    await is('up');
    await runtime.clock.advance(10_000);
    processes[count - 1]!.end(crash);
    await is('restarting');
    await runtime.clock.advance(200);
  }
  const pauses = happenings.flatMap((happening) => (happening.event === 'restarting' ? [happening.inMs] : []));
  assert.ok(Math.max(...pauses) <= 200, pauses.join());
  keeper.kill();
});

test('one that refuses to start three times is left alone until it is renewed', async () => {
  const { keeper, runtime, processes, started, is } = keep();
  for (let count = 1; count <= 3; count += 1) {
    await started(count);
    processes[count - 1]!.end(refusal);
    await until(() => keeper.state === 'restarting' || keeper.state === 'failed');
    await runtime.clock.advance(1_000);
  }
  assert.equal(keeper.state, 'failed');
  await runtime.clock.advance(3_600_000);
  assert.equal(processes.length, 3);
  const renewed = keeper.renew();
  await started(4);
  processes[3]!.up();
  await renewed;
  await is('up');
  keeper.kill();
});

test('what crashes without a word is tried for ever', async () => {
  const { keeper, runtime, processes, started, is } = keep();
  for (let count = 1; count <= 6; count += 1) {
    await started(count);
    processes[count - 1]!.end({ code: 1, signal: null });
    await is('restarting');
    await runtime.clock.advance(10_000);
  }
  await started(7);
  keeper.kill();
});

test('a renewal asks once, waits for the end, and starts at once; a stop starts nothing', async () => {
  const { keeper, runtime, processes, started, is } = keep();
  await started(1);
  processes[0]!.up();
  await is('up');
  const renewals = [keeper.renew(), keeper.renew()];
  assert.deepEqual(processes[0]!.signals, ['stop']);
  processes[0]!.end({ code: 0, signal: null });
  await started(2);
  processes[1]!.up();
  await Promise.all(renewals);

  const stopped = keeper.stop();
  await runtime.clock.advance(20_000);
  assert.deepEqual(processes[1]!.signals, ['stop', 'kill'], 'who does not stop is ended');
  await stopped;
  assert.equal(runtime.clock.pending, 0);
  assert.equal(processes.length, 2);
});

test('a stop ends the pause before the next start', async () => {
  const { keeper, runtime, processes, started, is } = keep();
  await started(1);
  processes[0]!.end(crash);
  await is('restarting');
  await keeper.stop();
  assert.equal(runtime.clock.pending, 0);
  assert.equal(processes.length, 1);
});
