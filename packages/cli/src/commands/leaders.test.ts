import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceVitals } from 'flotilla/service';
import type { Seen } from '../vitals.ts';
import { ledIn } from './leaders.ts';

const seen = (pid: number, leaders: ServiceVitals['leaders'] | undefined): Seen => {
  // The rest of what a process says of itself does not matter here.
  const vitals = leaders && ({ instance: `i${pid}`, leaders } as unknown as ServiceVitals);
  return { service: 'inventory', pid, url: 'http://127.0.0.1:1', vitals };
};

test('of processes that both think they lead the one with the higher fence is believed', () => {
  const late = seen(1, [{ name: 'stock-take', term: { fence: 3, since: 10 } }]);
  const now = seen(2, [{ name: 'stock-take', term: { fence: 4, since: 20 } }]);
  const expected = { service: 'inventory', leader: 'stock-take', pid: 2, instance: 'i2', fence: 4, since: 20 };
  assert.deepEqual(ledIn([late, now]), [expected]);
  assert.deepEqual(ledIn([now, late]), [expected]);
});

test('what nobody leads is listed too, and a process that does not answer says nothing', () => {
  const idle = seen(1, [{ name: 'stock-take', term: undefined }]);
  assert.deepEqual(ledIn([idle, seen(2, undefined)]), [{ service: 'inventory', leader: 'stock-take' }]);
});
