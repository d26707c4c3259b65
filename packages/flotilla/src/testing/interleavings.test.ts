import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openDock } from './interleavings/dock.ts';
import { everyOrder } from './interleavings/every-order.ts';
import { hauling, twoCoordinators } from './interleavings/two-coordinators.ts';
import { harbour, tower, twoRelays } from './interleavings/two-relays.ts';

suite('every order of what two processes do, within bounds', () => {
  test('a saga of two steps takes effect once, whoever claims it when', async (context) => {
    await using dock = await openDock([hauling]);
    const { runs, broken } = await everyOrder(twoCoordinators(dock, { interruptions: 2, lapses: 1 }));
    context.diagnostic(`${runs} orders`);
    assert.deepEqual(broken, []);
  });

  test('two relays and an inbox hand on each event once and in order', async (context) => {
    await using dock = await openDock([tower, harbour]);
    const { runs, broken } = await everyOrder(twoRelays(dock, { interruptions: 1, lapses: 1 }));
    context.diagnostic(`${runs} orders`);
    assert.deepEqual(broken, []);
  });
});
