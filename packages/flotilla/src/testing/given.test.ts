import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { aggregate } from '../log/index.ts';
import { given } from './index.ts';

type TillEvent = { type: 'Added'; data: { amount: number } } | { type: 'Closed'; data: null };
type TillCommand = { type: 'Add'; amount: number } | { type: 'Close' };

const till = aggregate<{ sum: number; closedAt?: number }, TillEvent, TillCommand>('till', {
  initial: { sum: 0 },
  evolve: (state, event) => (event.type === 'Added' ? { sum: state.sum + event.data.amount } : { ...state, closedAt: event.at }),
  decide: (command, state) => {
    if (state.closedAt !== undefined) throw new FlotillaError('TILL_CLOSED', { kind: 'conflict', message: 'It is closed.' });
    return command.type === 'Add' ? [{ type: 'Added', data: { amount: command.amount } }] : [{ type: 'Closed', data: null }];
  },
});
const added = (amount: number): TillEvent => ({ type: 'Added', data: { amount } });

test('a specification that holds passes', () => {
  given(till)
    .when({ type: 'Add', amount: 3 })
    .then([added(3)]);
  given(till, [added(1), added(2)])
    .when({ type: 'Close' })
    .thenState({ sum: 3, closedAt: 3 });
  given(till, [added(1)])
    .when(({ sum }) => [added(sum * 10)])
    .then([added(10)]);
  given(till)
    .when(() => [])
    .then([]);
  given(till, [{ type: 'Closed', data: null }])
    .when({ type: 'Close' })
    .thenFails({ code: 'TILL_CLOSED' });
});

test('a specification that does not hold fails', () => {
  const add = given(till).when({ type: 'Add', amount: 3 });
  assert.throws(() => add.then([]), assert.AssertionError);
  assert.throws(() => add.then([added(4)]), assert.AssertionError);
  assert.throws(() => add.then([added(3), added(3)]), assert.AssertionError);
  assert.throws(() => add.thenFails({ code: 'TILL_CLOSED' }), assert.AssertionError);
  assert.throws(() => add.thenState({ sum: 4 }), assert.AssertionError);
  const refused = given(till, [{ type: 'Closed', data: null }]).when({ type: 'Close' });
  assert.throws(() => refused.then([]), { code: 'TILL_CLOSED' });
  assert.throws(() => refused.thenFails({ code: 'TILL_LOST' }), assert.AssertionError);
});

test('events are compared as the log would keep them', () => {
  given(till)
    .when(() => [{ type: 'Added', data: { amount: 1, note: undefined } }])
    .then([added(1)]);
});
