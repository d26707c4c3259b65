import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildChange, NewBuild, ParkedStream, ProjectionBuild } from '../store/index.ts';
import { storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const insert = (store: SuiteStore, set: Partial<NewBuild> = {}): Promise<ProjectionBuild | undefined> =>
  store.transact((tx) =>
    tx.projections.insert({ projection: 'list', version: 1, status: 'building', tables: ['a', 'b'], at: 1, ...set }),
  );

const update = (store: SuiteStore, change: Pick<BuildChange, 'build' | 'from' | 'set'>): Promise<boolean> =>
  store.transact((tx) => tx.projections.update({ projection: 'list', at: 9, ...change }));

function parked(stream: string, set: Partial<ParkedStream> = {}): ParkedStream {
  return { projection: 'list', build: 1, stream, version: 2, position: 5, error: 'no', at: 1, ...set };
}

export function projectionTests({ open }: StoreSuiteOptions): void {
  test('builds of a projection are numbered from 1', async () => {
    await using at = await storeAtWork(open);
    const stamp = { error: undefined, at: 1, updatedAt: 1 };
    const first = { projection: 'list', build: 1, version: 1, status: 'active', tables: ['a', 'b'], ...stamp };
    assert.deepEqual(await insert(at.store, { status: 'active' }), first);
    assert.equal((await insert(at.store, { version: 2 }))?.build, 2);
    assert.equal((await insert(at.store, { projection: 'other' }))?.build, 1);
    const all = await at.store.projections.builds();
    assert.deepEqual(
      all.map(({ projection, build, version }) => [projection, build, version]),
      [['list', 1, 1], ['list', 2, 2], ['other', 1, 1]], // prettier-ignore
    );
    assert.deepEqual((await at.store.projections.builds('list'))[0], first);
  });

  test('a projection has one active build; of many that would be it exactly one is taken', async () => {
    await using at = await storeAtWork(open);
    const made = await Promise.all(Array.from({ length: 10 }, () => insert(at.store, { status: 'active' })));
    assert.equal(made.filter(Boolean).length, 1);
    assert.equal((await insert(at.store))?.build, 2);
    assert.equal((await insert(at.store, { projection: 'other', status: 'active' }))?.status, 'active');
  });

  test('a build changes only from the status it is known to have', async () => {
    await using at = await storeAtWork(open);
    await insert(at.store);
    assert.equal(await update(at.store, { build: 1, from: 'active', set: { status: 'retired' } }), false);
    assert.equal(await update(at.store, { build: 1, from: 'building', set: { error: 'bad luck' } }), true);
    assert.equal(await update(at.store, { build: 1, from: 'building', set: { status: 'active' } }), true);
    const [active] = await at.store.projections.builds('list');
    assert.deepEqual([active?.status, active?.error, active?.updatedAt], ['active', 'bad luck', 9]);
    assert.equal(await update(at.store, { build: 1, from: 'active', set: { error: undefined } }), true);
    assert.equal((await at.store.projections.builds('list'))[0]?.error, undefined);
    assert.equal(await update(at.store, { build: 7, from: 'active', set: { error: 'x' } }), false);
  });

  test('one build takes the place of another in one unit', async () => {
    await using at = await storeAtWork(open);
    await insert(at.store, { status: 'active' });
    await insert(at.store, { version: 2 });
    await at.store.transact(async ({ projections }) => {
      const change = { projection: 'list', at: 9 };
      await projections.update({ ...change, build: 1, from: 'active', set: { status: 'retired' } });
      await projections.update({ ...change, build: 2, from: 'building', set: { status: 'active' } });
      assert.equal((await projections.holdActive('list'))?.build, 2);
      assert.equal(await projections.holdActive('other'), undefined);
      assert.deepEqual(
        (await projections.builds('list')).map(({ status }) => status),
        ['retired', 'active'],
      );
    });
  });

  test('a unit that fails changes no build, makes none and parks nothing', async () => {
    await using at = await storeAtWork(open);
    await insert(at.store, { status: 'active' });
    const failing = at.store.transact(async ({ projections }) => {
      await projections.insert({ projection: 'list', version: 2, status: 'building', tables: [], at: 2 });
      await projections.update({ projection: 'list', build: 1, from: 'active', set: { status: 'retired' }, at: 2 });
      await projections.park(parked('s'));
      throw new Error('changed its mind');
    });
    await assert.rejects(failing, /changed its mind/);
    const builds = await at.store.projections.builds();
    assert.deepEqual(
      builds.map(({ build, status }) => [build, status]),
      [[1, 'active']],
    );
    assert.deepEqual(await at.store.projections.parkedStreams({ limit: 9 }), []);
  });

  test('a parked stream is listed until it is taken back; parking it again keeps the later news', async () => {
    await using at = await storeAtWork(open);
    await at.store.transact((tx) => tx.projections.park(parked('s')));
    await at.store.transact((tx) => tx.projections.park(parked('s', { version: 3, position: 8, error: 'still no', at: 4 })));
    await at.store.transact((tx) => tx.projections.park(parked('t', { at: 2 })));
    await at.store.transact((tx) => tx.projections.park(parked('s', { build: 2, at: 3 })));
    const list = await at.store.projections.parkedStreams({ limit: 9 });
    assert.deepEqual(
      list.map(({ build, stream }) => [build, stream]),
      [[1, 't'], [2, 's'], [1, 's']], // prettier-ignore
    );
    assert.deepEqual(list[2], parked('s', { version: 3, position: 8, error: 'still no', at: 4 }));
    assert.equal((await at.store.projections.parkedStreams({ projection: 'list', build: 1, limit: 9 })).length, 2);
    assert.deepEqual(await at.store.projections.parkedStreams({ projection: 'other', limit: 9 }), []);
    assert.equal((await at.store.projections.parkedStreams({ limit: 1 })).length, 1);

    const unpark = (stream: string): Promise<boolean> =>
      at.store.transact((tx) => tx.projections.unpark({ projection: 'list', build: 1, stream }));
    assert.equal(await unpark('s'), true);
    assert.equal(await unpark('s'), false);
    assert.equal((await at.store.projections.parkedStreams({ limit: 9 })).length, 2);
  });
}
