import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instance } from '../discovery/index.ts';
import { type Health, silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import type { Peers } from './peers.ts';
import { createReadiness } from './readiness.ts';

/** A process that needs `catalog` and `payments`, and neighbours that come and go as a test says. */
function open() {
  const runtime = createFakeRuntime();
  const listed = new Set<string>();
  const listeners = new Set<(service: string) => void>();
  let store: Health = { status: 'UP' };
  // As much of the peers as readiness looks at.
  const peers = {
    route: (service: string) => ({ instances: () => (listed.has(service) ? [{ service } as Instance] : []) }),
    onArrival: (listener: (service: string) => void) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  } as unknown as Peers;
  const stores = async (): Promise<Health> => store;
  const readiness = createReadiness({ needed: ['catalog', 'payments'], peers, stores, clock: runtime.clock, log: silentLogger });
  return {
    runtime,
    readiness,
    status: async () => (await readiness.check()).status,
    setStore: (health: Health) => void (store = health),
    comes: (service: string) => {
      listed.add(service);
      for (const listener of listeners) listener(service);
    },
    goes: (service: string) => void listed.delete(service),
  };
}

test('who waits says for whom, in whatever order they come; who was seen once may go again', async () => {
  const process = open();
  assert.deepEqual(await process.readiness.check(), { status: 'DOWN', reason: 'The process starts.' });
  process.readiness.opened();
  assert.match((await process.readiness.check()).reason!, /^Waits for catalog, payments: /);
  process.comes('payments');
  process.goes('payments');
  assert.deepEqual(process.readiness.waitsFor, ['catalog']);
  process.comes('catalog');
  assert.equal(await process.status(), 'UP');
  process.goes('catalog');
  assert.equal(await process.status(), 'UP', 'the loss of a neighbour does not spread');
  process.readiness.closing();
  assert.deepEqual(await process.readiness.check(), { status: 'DOWN', reason: 'The process stops.' });
});

test('whoever is not listed after the time of a lease is not waited for', async () => {
  const process = open();
  process.readiness.opened();
  await process.runtime.clock.advance(29_000);
  assert.equal(await process.status(), 'DOWN');
  await process.runtime.clock.advance(2_000);
  assert.equal(await process.status(), 'UP');
  process.readiness[Symbol.dispose]();
  assert.equal(process.runtime.clock.pending, 0);
});

test('who loses its own database is not ready until it is back', async () => {
  const process = open();
  process.comes('catalog');
  process.comes('payments');
  process.readiness.opened();
  process.setStore({ status: 'DOWN', reason: 'the disk is gone' });
  assert.deepEqual(await process.readiness.check(), { status: 'DOWN', reason: 'the disk is gone' });
  process.setStore({ status: 'UP' });
  assert.equal(await process.status(), 'UP');
});
