import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createFakeRuntime } from '../testing/index.ts';
import { type Bulkhead, type BulkheadPolicy, createBulkhead, type WaitBounds } from './index.ts';

function open(policy: BulkheadPolicy) {
  const { clock } = createFakeRuntime();
  return { clock, bulkhead: createBulkhead({ name: 'stock', clock, ...policy }) };
}

/** Starts work by name; each piece ends when told, and writes down that it began. */
function starter(bulkhead: Bulkhead, begun: string[] = []) {
  return (name: string, bounds: WaitBounds = {}) => {
    const gate = Promise.withResolvers<string>();
    const result = bulkhead.execute(() => (begun.push(name), gate.promise), bounds);
    return { end: () => gate.resolve(name), result };
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a bulkhead', () => {
  it('runs so many at once, keeps so many waiting and refuses the rest at once', async () => {
    const { bulkhead } = open({ limit: 2, queue: 1 });
    const begun: string[] = [];
    const start = starter(bulkhead, begun);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => start(name));
    await assert.rejects(start('d').result, { code: 'OVERLOADED', kind: 'unavailable' });
    assert.deepEqual([bulkhead.running, bulkhead.queued], [2, 1]);
    b!.end();
    await turn();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    a!.end();
    c!.end();
    assert.deepEqual(await Promise.all([a, b, c].map((one) => one!.result)), ['a', 'b', 'c']);
    assert.deepEqual([bulkhead.running, bulkhead.queued], [0, 0]);
  });

  it('gives the place back when the work fails or throws before it waits', async () => {
    const { bulkhead } = open({ limit: 1 });
    await assert.rejects(
      bulkhead.execute(() => Promise.reject(new Error('late'))),
      /late/,
    );
    const throwing = (): never => {
      throw new Error('at once');
    };
    await assert.rejects(bulkhead.execute(throwing), /at once/);
    assert.equal(await bulkhead.execute(async () => 'next'), 'next');
  });

  it('lets those who give up leave the queue from any place, and keeps the order of the others', async () => {
    const { bulkhead, clock } = open({ limit: 1, queue: 9 });
    const begun: string[] = [];
    const start = starter(bulkhead, begun);
    const first = start('first');
    const leaving = new AbortController();
    const staying = new AbortController().signal;
    const waiting = [
      start('a'),
      start('leaves', { signal: leaving.signal }),
      start('b'),
      start('late', { deadline: 500 }),
      start('c', { deadline: 10_000, signal: staying }),
    ];
    const left = assert.rejects(waiting[1]!.result, { code: 'CANCELLED' });
    const late = assert.rejects(waiting[3]!.result, { code: 'DEADLINE_EXCEEDED' });
    leaving.abort();
    await left;
    assert.equal(getEventListeners(staying, 'abort').length, 1);
    await clock.advance(500);
    await late;
    for (const one of [first, ...waiting]) {
      one.end();
      await turn();
    }
    assert.deepEqual(begun, ['first', 'a', 'b', 'c']);
    assert.equal(getEventListeners(staying, 'abort').length, 0);
    await clock.advance(20);
    assert.deepEqual([bulkhead.running, bulkhead.queued, clock.pending], [0, 0, 0]);
  });

  it('takes nobody in who is gone already', async () => {
    const { bulkhead } = open({ limit: 1, queue: 1 });
    const start = starter(bulkhead);
    const first = start('first');
    await assert.rejects(start('gone', { signal: AbortSignal.abort() }).result, { code: 'CANCELLED' });
    assert.equal(bulkhead.queued, 0);
    first.end();
    await first.result;
  });

  it('has room at once when its limit rises, and waits for those inside when it falls', async () => {
    const { bulkhead } = open({ limit: 1, queue: 9 });
    const begun: string[] = [];
    const start = starter(bulkhead, begun);
    const all = ['a', 'b', 'c', 'd'].map((name) => start(name));
    bulkhead.resize(3);
    await turn();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    bulkhead.resize(1);
    all[0]!.end();
    all[1]!.end();
    await turn();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    all[2]!.end();
    all[3]!.end();
    await Promise.all(all.map(({ result }) => result));
    assert.equal(bulkhead.running, 0);
  });

  it('never runs more than its limit, serves in order and loses no place, whatever callers do', async () => {
    const act = fc.oneof(
      fc.record({ act: fc.constant('enter' as const), deadlineIn: fc.option(fc.nat(300)) }),
      fc.record({ act: fc.constantFrom('end' as const, 'leave' as const), which: fc.nat(30) }),
      fc.record({ act: fc.constant('wait' as const), ms: fc.nat(200) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(5),
        fc.array(act, { maxLength: 60 }),
        async (limit, queue, acts) => {
          const { bulkhead, clock } = open({ limit, queue });
          const begun: string[] = [];
          const start = starter(bulkhead, begun);
          const callers: { end: () => void; abort: () => void }[] = [];
          for (const step of acts) {
            if (step.act === 'wait') await clock.advance(step.ms);
            else if (step.act === 'enter') {
              const controller = new AbortController();
              const deadline = step.deadlineIn === null ? {} : { deadline: clock.monotonic() + step.deadlineIn };
              const one = start(`${callers.length}`, { signal: controller.signal, ...deadline });
              one.result.catch(() => undefined);
              callers.push({ end: one.end, abort: () => controller.abort() });
            } else {
              const caller = callers[step.which % Math.max(1, callers.length)];
              if (step.act === 'end') caller?.end();
              else caller?.abort();
            }
            await turn();
            assert.ok(bulkhead.running >= 0 && bulkhead.running <= limit && bulkhead.queued <= queue);
            assert.ok(bulkhead.queued === 0 || bulkhead.running === limit, 'somebody waits beside a free place');
          }
          assert.deepEqual(
            begun,
            begun.toSorted((left, right) => Number(left) - Number(right)),
          );
          for (const { end } of callers) end();
          for (let round = 0; round < callers.length; round += 1) await turn();
          await clock.advance(20);
          assert.deepEqual([bulkhead.running, bulkhead.queued, clock.pending], [0, 0, 0]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
