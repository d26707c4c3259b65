import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from 'flotilla/store';
import { drawSaga } from '../src/saga-picture.ts';
import type { FoundSaga } from '../src/sagas.ts';

const noon = new Date(2026, 10, 20, 12, 0, 0).getTime();
const entry = (step: string, after: number, rest: Partial<JournalEntry>): JournalEntry => ({
  step,
  direction: 'run',
  attempt: 1,
  status: 'started',
  at: noon + after,
  ...rest,
});

const saga = {
  kind: 'place-order',
  id: 's1',
  key: 'order-1',
  status: 'compensated',
  correlationId: 'c1',
  reason: 'charge: CARD_DECLINED',
  at: noon,
  updatedAt: noon + 1200,
} as FoundSaga['saga'];

test('a saga is drawn step by step, with every attempt, its time and why it failed', () => {
  const journal = [
    entry('reserve', 0, {}),
    entry('reserve', 12, { status: 'ok' }),
    entry('charge', 20, {}),
    entry('charge', 520, { status: 'unknown', error: { code: 'TIMEOUT', message: 'No answer.' } }),
    entry('charge', 600, { attempt: 2 }),
    entry('charge', 680, { attempt: 2, status: 'failed', error: { code: 'CARD_DECLINED', message: 'The bank said no.' } }),
    entry('reserve', 700, { direction: 'compensate' }),
    entry('reserve', 709, { direction: 'compensate', status: 'ok' }),
  ];
  assert.equal(
    drawSaga({ service: 'orders', saga, journal }, (_style, text) => text),
    [
      'place-order of orders: compensated',
      '  id           s1',
      '  key          order-1',
      '  started      2026-11-20 12:00:00, last change after 1.2 s',
      '  correlation  c1',
      '  reason       charge: CARD_DECLINED',
      '',
      '  ├─ reserve',
      '  │    ✔  12:00:00.000  #1  ok  12 ms',
      '  ├─ charge',
      '  │    ?  12:00:00.020  #1  unknown  500 ms  TIMEOUT: No answer.',
      '  │    ✖  12:00:00.600  #2  failed   80 ms   CARD_DECLINED: The bank said no.',
      '  ├─ undo reserve',
      '  │    ✔  12:00:00.700  #1  ok  9 ms',
      '  ╰─ compensated',
    ].join('\n'),
  );
});

test('an attempt that is still under way has no length yet', () => {
  const picture = drawSaga({ service: 'orders', saga, journal: [entry('reserve', 0, {})] }, (_style, text) => text);
  assert.match(picture, /… {2}12:00:00\.000 {2}#1 {2}started$/m);
});

test('what a saga waits for, who waits for it, and what was behind a surprise are told too', () => {
  const parent = { id: 'p1', kind: 'buy', key: 'k', step: 'order' };
  const waiting = { ...saga, status: 'waiting', reason: undefined, awaits: 'approval', parent } as FoundSaga['saga'];
  const error = { code: 'INTERNAL', message: 'The operation failed unexpectedly.', cause: 'TypeError: x is not a function' };
  const signal = { id: 'x', kind: 'place-order', key: 'order-1', name: 'approval', data: { by: 'ada' }, at: 0, expiresAt: 0 };
  const journal = [entry('reserve', 0, {}), entry('reserve', 5, { status: 'unknown', error })];
  const picture = drawSaga({ service: 'orders', saga: waiting, journal, signals: [signal] }, (_style, text) => text);
  assert.match(picture, /parent +buy p1, step order/);
  assert.match(picture, /waits for +approval/);
  assert.match(picture, /signal +approval {"by":"ada"}/);
  assert.match(picture, /INTERNAL: .* Because of TypeError: x is not a function/);
});
