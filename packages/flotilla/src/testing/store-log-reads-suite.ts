import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot, StoredEvent } from '../store/index.ts';
import { newEvent, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const ids = (events: readonly StoredEvent[]): string[] => events.map(({ id }) => id);

/** Two events for each stream, in turn: `order:1 a`, `order:2 a`, `order:1 b`, `order:2 b`. */
async function fill(store: SuiteStore, ...streams: string[]): Promise<void> {
  for (const turn of ['a', 'b']) {
    for (const stream of streams) await store.events.append({ stream, events: [newEvent(`${stream} ${turn}`)] });
  }
}

function snapshot(version: number, set: Partial<Snapshot> = {}): Snapshot {
  return { stream: 's', version, foldHash: 'fold', data: { at: version, 'ü "\\': [null] }, at: 7, ...set };
}

export function logReadTests({ open }: StoreSuiteOptions): void {
  test('reading can keep to a category of streams, in the order of the log', async () => {
    await using at = await storeAtWork(open);
    await fill(at.store, 'order:1', 'orders:1', 'order', 'order:%_ü');
    await at.store.events.append({ events: [newEvent('streamless')] });
    const read = await at.store.events.read({ after: 0, limit: 10, streamPrefix: 'order:' });
    assert.deepEqual(ids(read), ['order:1 a', 'order:%_ü a', 'order:1 b', 'order:%_ü b']);
    const rest = await at.store.events.read({ after: read[0]!.position, limit: 2, streamPrefix: 'order:' });
    assert.deepEqual(ids(rest), ['order:%_ü a', 'order:1 b']);
    const odd = await at.store.events.read({ after: 0, limit: 10, streamPrefix: 'order:%' });
    assert.deepEqual(ids(odd), ['order:%_ü a', 'order:%_ü b']);
  });

  test('reading can keep to types and a category at once', async () => {
    await using at = await storeAtWork(open);
    for (const [stream, type] of [
      ['a:1', 'X'],
      ['a:1', 'Y'],
      ['b:1', 'X'],
    ] as const) {
      // prettier-ignore
      await at.store.events.append({ stream, events: [newEvent(`${stream} ${type}`, { type })] });
    }
    assert.deepEqual(ids(await at.store.events.read({ after: 0, limit: 9, types: ['X'], streamPrefix: 'a:' })), ['a:1 X']);
  });

  test('a part of a stream is read by versions', async () => {
    await using at = await storeAtWork(open);
    await at.store.events.append({ stream: 's', events: ['a', 'b', 'c', 'd'].map((id) => newEvent(id)) });
    assert.deepEqual(ids(await at.store.events.readStream('s', { upTo: 2 })), ['a', 'b']);
    assert.deepEqual(ids(await at.store.events.readStream('s', { after: 1, upTo: 3 })), ['b', 'c']);
    assert.deepEqual(ids(await at.store.events.readStream('s', { after: 1, limit: 1 })), ['b']);
    assert.deepEqual(ids(await at.store.events.readStream('s', { after: 4 })), []);
    assert.deepEqual(ids(await at.store.events.readStream('none')), []);
  });

  test('what one request led to is found by its correlation id, in order and page by page', async () => {
    await using at = await storeAtWork(open);
    const meta = { correlationId: 'one' };
    for (const id of ['a', 'b', 'c']) {
      await at.store.events.append({ events: [newEvent(id, { meta }), newEvent(`other ${id}`)] });
    }
    const first = await at.store.events.readCorrelated('one', { after: 0, limit: 2 });
    assert.deepEqual(ids(first), ['a', 'b']);
    assert.deepEqual(ids(await at.store.events.readCorrelated('one', { after: first[1]!.position, limit: 2 })), ['c']);
    assert.deepEqual(await at.store.events.readCorrelated('none', { after: 0, limit: 2 }), []);
  });

  test('the end of the log is never behind what was read, and a refused append does not bring it back', async () => {
    await using at = await storeAtWork(open);
    assert.equal(await at.store.events.end(), 0);
    const { lastPosition } = await at.store.events.append({ events: [newEvent('a')] });
    await assert.rejects(at.store.events.append({ events: [newEvent('b'), newEvent('a')] }), { code: 'DUPLICATE_EVENT' });
    assert.ok((await at.store.events.end()) >= lastPosition);
    assert.equal(await at.store.events.head(), lastPosition);
  });

  test('a stream is read from its snapshot on', async () => {
    await using at = await storeAtWork(open);
    await fill(at.store, 's');
    const whole = await at.store.events.readFromSnapshot('s', 'fold');
    assert.deepEqual([whole.version, whole.snapshot, ids(whole.events)], [2, undefined, ['s a', 's b']]);
    await at.store.events.keepSnapshot(snapshot(1));
    const read = await at.store.events.readFromSnapshot('s', 'fold');
    assert.deepEqual([read.version, read.snapshot, ids(read.events)], [2, snapshot(1), ['s b']]);
    const inUnit = await at.store.transact((tx) => tx.events.readFromSnapshot('s', 'fold'));
    assert.deepEqual(inUnit, read);
    const none = await at.store.events.readFromSnapshot('none', 'fold');
    assert.deepEqual(none, { version: 0, snapshot: undefined, events: [] });
  });

  test('a snapshot that another fold made, or that is ahead of its stream, is passed over', async () => {
    await using at = await storeAtWork(open);
    await fill(at.store, 's');
    await at.store.events.keepSnapshot(snapshot(1, { foldHash: 'of older code' }));
    assert.equal((await at.store.events.readFromSnapshot('s', 'fold')).events.length, 2);
    await at.store.events.keepSnapshot(snapshot(3));
    const read = await at.store.events.readFromSnapshot('s', 'fold');
    assert.deepEqual([read.version, read.snapshot, read.events.length], [2, undefined, 2]);
  });

  test('a snapshot never gives way to an older one of the same fold, but does to any of another', async () => {
    await using at = await storeAtWork(open);
    await fill(at.store, 's');
    const kept = async (): Promise<number | undefined> => (await at.store.events.readFromSnapshot('s', 'fold')).snapshot?.version;
    await at.store.events.keepSnapshot(snapshot(2));
    await at.store.events.keepSnapshot(snapshot(1));
    assert.equal(await kept(), 2);
    await at.store.events.keepSnapshot(snapshot(1, { foldHash: 'other' }));
    assert.equal(await kept(), undefined);
  });

  test('an exclusive unit sees the whole log, its own appends included', async () => {
    await using at = await storeAtWork(open);
    await Promise.all(['a', 'b', 'c'].map((id) => at.store.events.append({ events: [newEvent(id)] })));
    const seen = await at.store.transact(
      async (tx) => {
        await tx.events.append({ events: [newEvent('own')] });
        return await tx.events.read({ after: 0, limit: 9 });
      },
      { exclusive: true },
    );
    assert.deepEqual(ids(seen).sort(), ['a', 'b', 'c', 'own']);
  });

  test('no append goes by while an exclusive unit runs', async () => {
    await using at = await storeAtWork(open);
    let appends = 0;
    const appending = async (store: SuiteStore): Promise<void> => {
      for (let turn = 0; turn < 10; turn++) {
        await store.events.append({ stream: `s${turn}`, events: [newEvent(`e${(appends += 1)}`)] });
      }
    };
    const looking = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) {
        await at.store.transact(
          async (tx) => {
            const before = await tx.events.read({ after: 0, limit: 100 });
            await tx.cursors.position('a while');
            assert.deepEqual(await tx.events.read({ after: 0, limit: 100 }), before);
            // Whatever comes later stands behind what was seen.
            await tx.cursors.advance({ name: `look ${turn}`, from: 0, to: 1 + (before.at(-1)?.position ?? 0) });
          },
          { exclusive: true },
        );
      }
    };
    await Promise.all([appending(at.store), appending(at.store), looking()]);
    assert.equal((await at.store.events.read({ after: 0, limit: 100 })).length, 20);
  });
}
