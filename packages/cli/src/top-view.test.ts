import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceVitals } from 'flotilla/service';
import { operationRows } from './top-view.ts';
import type { Seen } from './vitals.ts';

function seen(pid: number, p99Ms: number, calls: number): Seen {
  const operation = { operation: 'get', calls, errors: 1, callsPerSecond: 2, errorsPerSecond: 0, p50Ms: p99Ms / 2, p99Ms };
  const vitals = { service: 'notes', operations: [operation], upstreams: [] } as unknown as ServiceVitals;
  return { service: 'notes', pid, url: '', vitals };
}

test('instances of one service are added up, and the slowest speaks for all', () => {
  const silent: Seen = { service: 'notes', pid: 3, url: '', vitals: undefined };
  assert.deepEqual(operationRows([seen(1, 8, 10), silent, seen(2, 4, 5)]), [
    { service: 'notes', operation: 'get', calls: 15, errors: 2, callsPerSecond: 4, errorsPerSecond: 0, p50Ms: 4, p99Ms: 8 },
  ]);
});
