import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Append } from '../store/index.ts';
import { newEvent, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

type Appended = { lastPosition: number; version: number | undefined };

const append = (store: SuiteStore, what: Append): Promise<Appended> => store.transact((tx) => tx.events.append(what));

export function logTests({ open }: StoreSuiteOptions): void {
  test('an event comes back as it was written, with its position and its place in the stream', async () => {
    await using at = await storeAtWork(open);
    const meta = { correlationId: 'c', causationId: 'x', traceparent: '00-a', actor: 'me', key: 'k' };
    const event = newEvent('e1', { type: 'Placed', schemaVersion: 3, data: { text: 'ünï "\\', list: [1, null] }, meta, at: 77 });
    const { lastPosition, version } = await append(at.store, { stream: 'order:1', events: [event] });
    assert.equal(version, 1);
    const expected = { ...event, position: lastPosition, stream: 'order:1', version: 1 };
    assert.deepEqual(await at.store.events.read({ after: 0, limit: 10 }), [expected]);
    assert.deepEqual(await at.store.events.readStream('order:1'), [expected]);
  });

  test('an event without a stream has neither stream nor version', async () => {
    await using at = await storeAtWork(open);
    const { version } = await append(at.store, { events: [newEvent('e1')] });
    assert.equal(version, undefined);
    const [event] = await at.store.events.read({ after: 0, limit: 1 });
    assert.deepEqual([event?.stream, event?.version], [undefined, undefined]);
  });

  test('positions rise in the order of commits, and reading goes on from any of them', async () => {
    await using at = await storeAtWork(open);
    for (const id of ['a', 'b', 'c', 'd']) await append(at.store, { events: [newEvent(id), newEvent(`${id}2`)] });
    const all = await at.store.events.read({ after: 0, limit: 100 });
    assert.deepEqual(
      all.map(({ id }) => id),
      ['a', 'a2', 'b', 'b2', 'c', 'c2', 'd', 'd2'],
    );
    assert.ok(all.every(({ position }, index) => index === 0 || position > all[index - 1]!.position));
    assert.equal(await at.store.events.head(), all.at(-1)!.position);
    const page = await at.store.events.read({ after: all[2]!.position, limit: 3 });
    assert.deepEqual(
      page.map(({ id }) => id),
      ['b2', 'c', 'c2'],
    );
  });

  test('reading can keep to some types', async () => {
    await using at = await storeAtWork(open);
    const types = ['A', 'B', 'C', 'A', 'B'];
    await append(at.store, { events: types.map((type, index) => newEvent(`e${index}`, { type })) });
    const read = await at.store.events.read({ after: 0, limit: 3, types: ['A', 'C'] });
    assert.deepEqual(
      read.map(({ type }) => type),
      ['A', 'C', 'A'],
    );
    assert.deepEqual(await at.store.events.read({ after: 0, limit: 3, types: [] }), []);
  });

  test('a stream counts its own versions, and a unit reads what it has appended itself', async () => {
    await using at = await storeAtWork(open);
    await append(at.store, { stream: 's', events: [newEvent('a'), newEvent('b')] });
    await append(at.store, { stream: 'other', events: [newEvent('o')] });
    const seen = await at.store.transact(async (tx) => {
      const { version } = await tx.events.append({ stream: 's', expectedVersion: 2, events: [newEvent('c')] });
      assert.equal(version, 3);
      return await tx.events.readStream('s', { after: 1 });
    });
    assert.deepEqual(
      seen.map(({ id, version }) => [id, version]),
      [
        ['b', 2],
        ['c', 3],
      ],
    );
  });

  test('an append at another version than expected is refused and changes nothing', async () => {
    await using at = await storeAtWork(open);
    await append(at.store, { stream: 's', expectedVersion: 0, events: [newEvent('a')] });
    const conflict = { code: 'VERSION_CONFLICT', kind: 'conflict', retryable: true };
    await assert.rejects(append(at.store, { stream: 's', expectedVersion: 0, events: [newEvent('b')] }), conflict);
    await assert.rejects(append(at.store, { stream: 's', expectedVersion: 2, events: [newEvent('c')] }), conflict);
    await assert.rejects(append(at.store, { stream: 'new', expectedVersion: 1, events: [newEvent('d')] }), conflict);
    await assert.rejects(append(at.store, { stream: 's', expectedVersion: 0, events: [] }), conflict);
    assert.equal((await at.store.events.readStream('s')).length, 1);
  });

  test('of many that expect the same version exactly one is taken', async () => {
    await using at = await storeAtWork(open);
    const writers = Array.from({ length: 20 }, (_, index) =>
      append(at.store, { stream: 's', expectedVersion: 0, events: [newEvent(`e${index}`)] }),
    );
    const results = await Promise.allSettled(writers);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await at.store.events.readStream('s')).length, 1);
  });

  test('an event id is unique for ever', async () => {
    await using at = await storeAtWork(open);
    await append(at.store, { events: [newEvent('a')] });
    await assert.rejects(append(at.store, { stream: 's', events: [newEvent('a')] }), { code: 'DUPLICATE_EVENT' });
    assert.deepEqual(await at.store.events.readStream('s'), []);
  });

  test('an append of nothing tells where the stream stands', async () => {
    await using at = await storeAtWork(open);
    const first = await append(at.store, { stream: 's', events: [newEvent('a')] });
    assert.deepEqual(await append(at.store, { stream: 's', expectedVersion: 1, events: [] }), first);
  });

  test('appends outside a unit keep their own fate: one that is refused takes no neighbour along', async () => {
    await using at = await storeAtWork(open);
    const writers = Array.from({ length: 40 }, (_, index) =>
      at.store.events.append({ stream: `s${index % 10}`, expectedVersion: 0, events: [newEvent(`e${index}`)] }),
    );
    const results = await Promise.allSettled(writers);
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    assert.equal(taken.length, 10);
    assert.ok(taken.every(({ version }) => version === 1));
    const refused = results.filter((result) => result.status === 'rejected');
    assert.ok(refused.every(({ reason }) => (reason as { code?: string }).code === 'VERSION_CONFLICT'));
    const all = await at.store.events.read({ after: 0, limit: 100 });
    assert.deepEqual(
      all.map(({ position }) => position),
      taken.map(({ lastPosition }) => lastPosition).sort((left, right) => left - right),
    );
  });

  test('appends to one stream outside a unit take their turns', async () => {
    await using at = await storeAtWork(open);
    const appends = ['a', 'b', 'c'].map((id) => at.store.events.append({ stream: 's', events: [newEvent(id)] }));
    const versions = (await Promise.all(appends)).map(({ version }) => version);
    assert.deepEqual(new Set(versions), new Set([1, 2, 3]));
    await assert.rejects(at.store.events.append({ stream: 's', expectedVersion: 3, events: [newEvent('a')] }), {
      code: 'DUPLICATE_EVENT',
    });
    assert.equal((await at.store.events.readStream('s')).length, 3);
  });
}
