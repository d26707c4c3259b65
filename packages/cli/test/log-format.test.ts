import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLog } from '../src/log-format.ts';

const time = new Date(2026, 10, 20, 8, 2, 57, 120).getTime();
const plain = { style: (_style: string, text: string): string => text };

test('a log line says when, how bad, who, what, the facts, and where in the trace', () => {
  const line = {
    level: 'warn',
    time,
    msg: 'A saga is stuck.',
    service: 'orders',
    traceId: 'abcdef0123456789',
    tries: 3,
  } as const;
  assert.equal(formatLog(line, plain), '08:02:57.120 WARN  orders        A saga is stuck. tries=3 trace=abcdef01');
});

test('a line of the process itself has no service, an error brings its stack', () => {
  const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at here' };
  assert.equal(
    formatLog({ level: 'error', time, msg: 'It failed.', err }, plain),
    '08:02:57.120 ERROR It failed.\n    Error: no\n        at here',
  );
});

test('where several processes speak, the speaker stands in for the service', () => {
  const line = { level: 'info', time, msg: 'Placed.', service: 'orders' } as const;
  assert.equal(formatLog(line, { ...plain, speaker: 'orders 2' }), '08:02:57.120 INFO  orders 2 Placed.');
});
