import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type LoggerOptions } from './pino.ts';

const collector = () => {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
};
const logTo = async (options: LoggerOptions = {}) => {
  const { lines, destination } = collector();
  return { lines, log: await createLogger({ destination, ...options }) };
};

test('a line is one JSON object with its level by name, its fields and those of its parents', async () => {
  const { lines, log } = await logTo();
  log.child({ service: 'orders' }).child({ traceId: 't1' }).info({ orderId: 'o1' }, 'An order was placed.');
  const { time, ...line } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.deepEqual(line, { level: 'info', service: 'orders', traceId: 't1', orderId: 'o1', msg: 'An order was placed.' });
  assert.equal(typeof time, 'number');
  assert.match(lines[0]!, /\n$/);
});

test('lines below the level are not written', async () => {
  const { lines, log } = await logTo({ level: 'warn' });
  log.debug({}, 'no');
  log.info({}, 'no');
  log.warn({}, 'yes');
  log.error({}, 'yes');
  assert.equal(lines.length, 2);
});

test('an error keeps its message, stack and cause; a secret is not written', async () => {
  const { lines, log } = await logTo();
  log.error({ err: new Error('outer', { cause: new Error('inner') }), headers: { authorization: 'Bearer x1' } }, 'It failed.');
  assert.match(lines[0]!, /outer/);
  assert.match(lines[0]!, /inner/);
  assert.doesNotMatch(lines[0]!, /x1/);
});

test('a pretty format sees the line as data', async () => {
  const { lines, log } = await logTo({ pretty: ({ level, msg, service }) => `${level} ${String(service)} ${msg}` });
  log.child({ service: 'orders' }).warn({}, 'careful');
  assert.deepEqual(lines, ['warn orders careful\n']);
});
