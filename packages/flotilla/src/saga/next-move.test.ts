import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as z from 'zod';
import type { JournalEntry, SagaPhase, SagaSignal, StepDirection, StepStatus } from '../store/index.ts';
import type { SagaDefinition } from './definition.ts';
import { END } from './journal.ts';
import type { Attempt, Move } from './move.ts';
import { nextMove } from './next-move.ts';
import { saga } from './saga.ts';

const run = (): string => 'done';
const compensate = (): Promise<void> => Promise.resolve();

const plain = saga('order', { input: z.object({}), key: () => '' })
  .step('reserve', { run, compensate })
  .step('look', { run })
  .step('charge', { run, compensate, retry: { attempts: 2, compensations: 2 } });

const pivoting = plain.step('ship', { run, pivot: true }).step('mail', { run, retry: { attempts: 2 } });

const HOPELESS = { code: 'DECLINED', kind: 'conflict', message: 'No.', retry: false };
const PASSING = { code: 'STEP_TIMEOUT', kind: 'timeout', message: 'Late.', retry: true };

function line(step: string, status: StepStatus, more: Partial<JournalEntry> = {}): JournalEntry {
  return { step, direction: 'run', attempt: 1, status, at: 0, ...more };
}

/** Both lines of an attempt. */
function attempt(step: string, status: StepStatus, more: Partial<JournalEntry> = {}): JournalEntry[] {
  return [line(step, 'started', more.attempt ? { attempt: more.attempt } : {}), line(step, status, more)];
}

function undoing(step: string, status: StepStatus, number = 1): JournalEntry[] {
  const of = { direction: 'compensate' as StepDirection, attempt: number };
  return [line(step, 'started', of), line(step, status, status === 'ok' ? of : { ...of, error: PASSING })];
}

function next(
  journal: readonly JournalEntry[],
  phase: SagaPhase = 'forward',
  definition: SagaDefinition | undefined = plain,
): string {
  return brief(nextMove({ definition, journal, phase, now: 0, signals: [] }));
}

function brief(move: Move): string {
  const of = ({ direction, step, attempt }: Attempt): string => `${direction} ${step.name} ${attempt}`;
  switch (move.kind) {
    case 'settle':
      return `settle ${of(move)}`;
    case 'attempt':
      return `attempt ${move.attempts.map(of).join(', ')}`;
    case 'turn-back':
      return `turn-back ${move.reason.step} ${move.reason.code}`;
    case 'finish':
      return `finish ${move.attempt}`;
    case 'stuck':
      return ['stuck', move.code, move.at?.direction, move.at?.step, move.at?.attempt].filter(Boolean).join(' ');
    case 'rest':
      return `rest ${move.name}${move.until === undefined ? '' : ` until ${move.until}`}`;
    case 'lock':
      return `lock ${move.stage.name}${move.isFirst ? ' first' : ''}`;
    case 'begin':
    case 'time-over':
    case 'undo-child':
      return `${move.kind} ${move.stage.name} ${move.attempt}`;
    case 'receive':
    case 'child-undone':
      return `${move.kind} ${move.stage.name} ${move.attempt} ${move.signal.id}`;
  }
}

const reserved = attempt('reserve', 'ok');
const looked = attempt('look', 'ok');
const charged = attempt('charge', 'ok');

suite('forward', () => {
  test('steps run one after the other, then the saga is done', () => {
    assert.equal(next([]), 'attempt run reserve 1');
    assert.equal(next(reserved), 'attempt run look 1');
    assert.equal(next([...reserved, ...looked, ...charged]), 'finish 1');
  });

  test('an attempt that began and has no outcome is settled first', () => {
    assert.equal(next([...reserved, line('look', 'started')]), 'settle run look 1');
  });

  test('an unknown outcome is tried again until the tries are used up, then the saga turns back', () => {
    const first = [...reserved, ...looked, ...attempt('charge', 'unknown', { error: PASSING })];
    assert.equal(next(first), 'attempt run charge 2');
    const second = [...first, ...attempt('charge', 'unknown', { attempt: 2, error: PASSING })];
    assert.equal(next(second), 'turn-back charge STEP_TIMEOUT');
  });

  test('a definite failure is not tried again', () => {
    const journal = [...reserved, ...looked, ...attempt('charge', 'failed', { error: HOPELESS })];
    assert.equal(next(journal), 'turn-back charge DECLINED');
  });

  test('each retry may wait twice as long as the one before', () => {
    const patient = saga('order', { input: z.object({}), key: () => '' }).step('a', { run, retry: { attempts: 9 } });
    const journal = [1, 2, 3].flatMap((number) => attempt('a', 'unknown', { attempt: number, error: PASSING }));
    const waits = [0, 2, 4, 6].map((lines) => {
      const move = nextMove({ definition: patient, journal: journal.slice(0, lines), phase: 'forward', now: 0, signals: [] });
      return move.kind === 'attempt' && move.backoffMs;
    });
    assert.deepEqual(waits, [0, 200, 400, 800]);
  });

  test('waits longer for a service that is away and certainly did nothing, unless it may not be tried again at all', () => {
    const away = { ...PASSING, kind: 'unavailable' as const };
    const tried = (attempts: number, status: 'failed' | 'unknown', times: number): string => {
      const definition = saga('order', { input: z.object({}), key: () => '' }).step('a', { run, retry: { attempts } });
      const journal = Array.from({ length: times }, (_, index) =>
        attempt('a', status, { attempt: index + 1, error: away }),
      ).flat();
      return nextMove({ definition, journal, phase: 'forward', now: 0, signals: [] }).kind;
    };
    assert.deepEqual([tried(3, 'failed', 7), tried(3, 'failed', 8)], ['attempt', 'turn-back']);
    assert.deepEqual([tried(3, 'unknown', 2), tried(3, 'unknown', 3)], ['attempt', 'turn-back']);
    assert.equal(tried(1, 'failed', 1), 'turn-back');
    const afterUndoing = (times: number): string => {
      const of = (index: number) => ({ direction: 'compensate' as StepDirection, attempt: index + 1 });
      const lines = (index: number) => [
        line('reserve', 'started', of(index)),
        line('reserve', 'failed', { ...of(index), error: away }),
      ];
      const journal = Array.from({ length: times }, (_, index) => lines(index)).flat();
      return next([...reserved, ...attempt('charge', 'failed', { error: HOPELESS }), ...journal], 'backward');
    };
    assert.equal(afterUndoing(39), 'attempt compensate reserve 40');
    assert.match(afterUndoing(40), /^stuck/);
  });
});

suite('backward', () => {
  test('undoes in the reverse order of the journal what happened or may have, and nothing else', () => {
    const journal = [...reserved, ...looked, ...attempt('charge', 'unknown', { error: HOPELESS })];
    assert.equal(next(journal, 'backward'), 'attempt compensate charge 1');
    assert.equal(next([...journal, ...undoing('charge', 'ok')], 'backward'), 'attempt compensate reserve 1');
    assert.equal(next([...journal, ...undoing('charge', 'ok'), ...undoing('reserve', 'ok')], 'backward'), 'finish 1');
  });

  test('leaves out a step that certainly failed', () => {
    const journal = [...reserved, ...looked, ...attempt('charge', 'failed', { error: HOPELESS })];
    assert.equal(next(journal, 'backward'), 'attempt compensate reserve 1');
  });

  test('undoes a step whose last attempt failed but an earlier one may have happened', () => {
    const journal = [
      ...reserved,
      ...looked,
      ...attempt('charge', 'unknown', { error: PASSING }),
      ...attempt('charge', 'failed', { attempt: 2, error: HOPELESS }),
    ];
    assert.equal(next(journal, 'backward'), 'attempt compensate charge 1');
  });

  test('tries a compensation so often, then gets stuck', () => {
    const journal = [...reserved, ...looked, ...charged, ...undoing('charge', 'unknown')];
    assert.equal(next(journal, 'backward'), 'attempt compensate charge 2');
    assert.equal(next([...journal, ...undoing('charge', 'failed', 2)], 'backward'), 'stuck STEP_TIMEOUT compensate charge 2');
  });

  test('an operator grants fresh tries or has the compensation counted as done', () => {
    const stuck = [...reserved, ...looked, ...charged, ...undoing('charge', 'failed'), ...undoing('charge', 'failed', 2)];
    const act = (status: StepStatus): JournalEntry => line('charge', status, { direction: 'compensate', attempt: 2 });
    assert.equal(next([...stuck, act('retried')], 'backward'), 'attempt compensate charge 3');
    assert.equal(next([...stuck, act('skipped')], 'backward'), 'attempt compensate reserve 1');
  });
});

suite('the pivot', () => {
  const passed = [...reserved, ...looked, ...charged, ...attempt('ship', 'ok')];

  test('after it a saga never turns back: it gets stuck', () => {
    const failing = [...passed, ...attempt('mail', 'failed', { error: HOPELESS })];
    assert.equal(next(failing, 'forward', pivoting), 'stuck DECLINED run mail 1');
    const act = (status: StepStatus): JournalEntry => line('mail', status);
    assert.equal(next([...failing, act('retried')], 'forward', pivoting), 'attempt run mail 2');
    assert.equal(next([...failing, act('skipped')], 'forward', pivoting), 'finish 1');
  });

  test('that certainly failed was not passed', () => {
    const journal = [...reserved, ...looked, ...charged, ...attempt('ship', 'failed', { error: HOPELESS })];
    assert.equal(next(journal, 'forward', pivoting), 'turn-back ship DECLINED');
  });

  test('that may have been passed and can not be undone leaves no safe way', () => {
    const journal = [...reserved, ...looked, ...charged, ...attempt('ship', 'unknown', { error: HOPELESS })];
    assert.equal(next(journal, 'forward', pivoting), 'stuck DECLINED run ship 1');
  });
});

suite('what is not known is not guessed', () => {
  test('a version that is not here', () => {
    const standing = { definition: undefined, journal: reserved, phase: 'forward', now: 0, signals: [] } as const;
    assert.equal(brief(nextMove(standing)), 'stuck UNKNOWN_SAGA_VERSION');
  });

  test('a step that is no longer there', () => {
    assert.equal(next(attempt('renamed', 'ok')), 'stuck UNKNOWN_STEP');
  });
});

test('an end handler that keeps failing gets the saga stuck; skipped, the saga ends without it', () => {
  const failing = (number: number): JournalEntry[] => attempt(END, 'failed', { attempt: number, error: HOPELESS });
  const journal = [...reserved, ...looked, ...charged];
  assert.equal(next([...journal, ...failing(1)]), 'finish 2');
  const stuck = [...journal, ...[1, 2, 3, 4, 5].flatMap(failing)];
  assert.equal(next(stuck), `stuck DECLINED run ${END} 5`);
  const skipped = [...stuck, line(END, 'skipped', { attempt: 5 })];
  const move = nextMove({ definition: plain, journal: skipped, phase: 'forward', now: 0, signals: [] });
  assert.equal(move.kind === 'finish' && move.skipHandler, true);
});

suite('steps side by side', () => {
  const both = { run, compensate, retry: { attempts: 2, compensations: 2 } };
  const grouped = saga('order', { input: z.object({}), key: () => '' })
    .step('reserve', { run, compensate })
    .parallel((side) => side.step('left', both).step('right', both))
    .step('mail', { run });
  const begun = [...reserved, line('left', 'started'), line('right', 'started')];

  test('begin together, and the next stage when all are over', () => {
    assert.equal(next(reserved, 'forward', grouped), 'attempt run left 1, run right 1');
    assert.equal(next([...begun, line('left', 'ok'), line('right', 'ok')], 'forward', grouped), 'attempt run mail 1');
  });

  test('are settled one by one after a crash', () => {
    assert.equal(next(begun, 'forward', grouped), 'settle run left 1');
    assert.equal(next([...begun, line('left', 'ok')], 'forward', grouped), 'settle run right 1');
  });

  test('are tried again without those that succeeded', () => {
    const half = [...begun, line('left', 'ok'), line('right', 'unknown', { error: PASSING })];
    assert.equal(next(half, 'forward', grouped), 'attempt run right 2');
  });

  test('turn back as soon as one of them is hopeless, whatever tries the others have left', () => {
    const lost = [...begun, line('left', 'failed', { error: HOPELESS }), line('right', 'unknown', { error: PASSING })];
    assert.equal(next(lost, 'forward', grouped), 'turn-back left DECLINED');
    assert.equal(next(lost, 'backward', grouped), 'attempt compensate right 1');
    assert.equal(next([...lost, ...undoing('right', 'ok')], 'backward', grouped), 'attempt compensate reserve 1');
  });

  test('are undone together, after what came later and before what came earlier', () => {
    const done = [...begun, line('left', 'ok'), line('right', 'ok'), ...attempt('mail', 'failed', { error: HOPELESS })];
    assert.equal(next(done, 'backward', grouped), 'attempt compensate left 1, compensate right 1');
    const half = [...done, ...undoing('left', 'ok'), ...undoing('right', 'unknown')];
    assert.equal(next(half, 'backward', grouped), 'attempt compensate right 2');
    assert.equal(next([...half, ...undoing('right', 'ok', 2)], 'backward', grouped), 'attempt compensate reserve 1');
  });
});

suite('a wait', () => {
  const Approval = z.object({ by: z.string() });
  const waiting = saga('order', { input: z.object({}), key: () => '' })
    .sleep('cool-off', '1h')
    .waitFor('approval', { schema: Approval, timeout: '1h' })
    .lock('table', () => 'table-1')
    .child('meal', plain, () => ({}))
    .step('pay', { run, pivot: true })
    .waitFor('tip', { schema: Approval });
  const slept = [line('cool-off', 'started', { output: { until: 10 } }), line('cool-off', 'ok')];
  const approving = [...slept, line('approval', 'started', { output: { until: 20 } })];
  const approved = [...approving, line('approval', 'ok')];
  const locked = [...approved, line('table', 'started'), line('table', 'ok')];
  const feeding = [...locked, line('meal', 'started', { output: { child: 'c' } })];
  const paid = [...feeding, line('meal', 'ok'), ...attempt('pay', 'ok')];
  const of = (name: string, id = 's1'): SagaSignal => {
    return { id, kind: 'order', key: 'k', name, data: null, at: 0, expiresAt: 0 };
  };
  const at = (journal: readonly JournalEntry[], now: number, ...signals: SagaSignal[]): string =>
    brief(nextMove({ definition: waiting, journal, phase: 'forward', now, signals }));

  test('for time is never over early', () => {
    assert.equal(at([], 0), 'begin cool-off 1');
    assert.equal(at(slept.slice(0, 1), 9), 'rest cool-off until 10');
    assert.equal(at(slept.slice(0, 1), 10), 'time-over cool-off 1');
  });

  test('for a signal ends with the first that came, or with its time', () => {
    assert.equal(at(slept, 11), 'begin approval 1');
    assert.equal(at(approving, 19, of('tip')), 'rest approval until 20');
    assert.equal(at(approving, 30, of('approval', 'a'), of('approval', 'b')), 'receive approval 1 a');
    assert.equal(at(approving, 20), 'time-over approval 1');
  });

  test('that failed turns the saga back, and after the pivot leaves it stuck', () => {
    assert.equal(at([...approving, line('approval', 'failed', { error: PASSING })], 30), 'turn-back approval STEP_TIMEOUT');
    const tipping = [...paid, line('tip', 'started'), line('tip', 'failed', { error: PASSING })];
    assert.equal(at(tipping, 30), 'stuck STEP_TIMEOUT run tip 1');
    assert.equal(at([...tipping, line('tip', 'retried')], 30), 'begin tip 2');
  });

  test('that was told what it can not read leaves the saga stuck, even before the pivot', () => {
    const error = { ...HOPELESS, code: 'INVALID_SIGNAL' };
    assert.equal(at([...approving, line('approval', 'failed', { error })], 30), 'stuck INVALID_SIGNAL run approval 1');
  });

  test('for a lock asks again each time it is woken', () => {
    assert.equal(at(approved, 11), 'lock table first');
    assert.equal(at([...approved, line('table', 'started')], 11), 'lock table');
  });

  test('for a child begins with its start and ends with its end', () => {
    assert.equal(at(locked, 11), 'begin meal 1');
    assert.equal(at(feeding, 11), 'rest meal');
    assert.equal(at(feeding, 11, of('meal')), 'receive meal 1 s1');
  });

  test('leaves nothing to undo, except a child', () => {
    const back = (journal: readonly JournalEntry[], ...signals: SagaSignal[]): string =>
      brief(nextMove({ definition: waiting, journal, phase: 'backward', now: 0, signals }));
    assert.equal(back(locked), 'finish 1');
    assert.equal(back(feeding), 'undo-child meal 1');
    const undoingMeal = [...feeding, line('meal', 'started', { direction: 'compensate' })];
    assert.equal(back(undoingMeal), 'rest meal');
    assert.equal(back(undoingMeal, of('meal')), 'child-undone meal 1 s1');
    const refused = [...undoingMeal, line('meal', 'failed', { direction: 'compensate', error: HOPELESS })];
    assert.equal(back(refused), 'stuck DECLINED compensate meal 1');
    assert.equal(back([...feeding, line('meal', 'failed', { error: HOPELESS })]), 'finish 1');
  });
});
