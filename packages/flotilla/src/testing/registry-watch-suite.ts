import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { crowd, facts, OVER_MS, recorder, type RegistrySuiteOptions, SEEN_MS } from './registry-suite-place.ts';

/** What watchers are told, when, and in which order. */
export function registryWatchSuite({ name, open }: RegistrySuiteOptions): void {
  suite(`${name}: watching`, () => {
    test('a watcher hears what is there, then every change, in order', async () => {
      await using place = await open();
      await place.registry.register(facts('a'));
      const heard = recorder();
      using _watch = place.elsewhere.watch('catalog', heard.listener);
      await place.advance(SEEN_MS);
      for (const status of ['warning', 'draining'] as const) {
        await place.registry.setStatus({ id: 'a', epoch: 1 }, status);
        await place.advance(SEEN_MS);
      }
      await place.registry.register(facts('b', { status: 'starting' }));
      await place.advance(SEEN_MS);
      await place.registry.deregister({ id: 'a', epoch: 1 });
      await place.advance(SEEN_MS);
      const expected = ['snapshot 1', 'put a warning', 'put a draining', 'put b starting', 'gone a left'];
      assert.deepEqual(heard.words(), expected);
      const revisions = heard.events.map((event) => (event.kind === 'lost' ? 0 : event.revision));
      assert.deepEqual(
        revisions,
        [...new Set(revisions)].toSorted((left, right) => left - right),
      );
    });

    test('a change made through the same object is told at once', async () => {
      await using place = await open();
      const heard = recorder();
      using _watch = place.registry.watch(undefined, heard.listener);
      await place.advance(SEEN_MS);
      await place.registry.register(facts('a'));
      assert.deepEqual(heard.words(), ['snapshot 0', 'put a passing']);
    });

    test('a watcher of one service hears of no other', async () => {
      await using place = await open();
      const heard = recorder();
      using _watch = place.registry.watch('orders', heard.listener);
      await place.advance(SEEN_MS);
      await place.registry.register(facts('a'));
      await place.registry.register(facts('o', { service: 'orders' }));
      await place.advance(SEEN_MS);
      assert.deepEqual(heard.words(), ['snapshot 0', 'put o passing']);
    });

    test('a lease that ended is told as such; renewals are not told at all', async () => {
      await using place = await open();
      await place.registry.register(facts('a'));
      const heard = recorder();
      using _watch = place.elsewhere.watch(undefined, heard.listener);
      await place.advance(SEEN_MS);
      await place.registry.renew({ id: 'a', epoch: 1 });
      await place.advance(OVER_MS);
      assert.deepEqual(heard.words(), ['snapshot 1', 'gone a expired']);
    });

    test('whoever ends a watch is not called again, and a listener that fails harms nobody', async () => {
      await using place = await open();
      const heard = recorder();
      const short = recorder();
      using _failing = place.registry.watch(undefined, () => {
        throw new Error('a bug of the listener');
      });
      using _watch = place.registry.watch(undefined, heard.listener);
      place.registry.watch(undefined, short.listener)[Symbol.dispose]();
      await place.registry.register(facts('a'));
      await place.advance(SEEN_MS);
      assert.deepEqual(short.words(), []);
      assert.equal(heard.words().at(-1), heard.words().length === 1 ? 'snapshot 1' : 'put a passing');
    });

    test('of a storm of changes a watcher learns the end', async () => {
      await using place = await open();
      const heard = recorder();
      using _watch = place.elsewhere.watch(undefined, heard.listener);
      await place.advance(SEEN_MS);
      const all = crowd(30);
      for (const said of all) await place.registry.register(said);
      for (const { id } of all.slice(1)) await place.registry.deregister({ id, epoch: 1 });
      await place.advance(SEEN_MS);
      const listed = new Set<string>();
      for (const word of heard.words().slice(1)) {
        const [kind, id] = word.split(' ');
        if (kind === 'put') listed.add(id!);
        else listed.delete(id!);
      }
      assert.deepEqual([...listed], ['catalog-1']);
    });

    test('whoever keeps a lease alive leaves it as it is when it stops', async () => {
      await using place = await open();
      await place.registry.register(facts('a'));
      place.registry.keepAlive({ id: 'a', epoch: 1 }, () => undefined)[Symbol.dispose]();
      assert.equal((await place.registry.list()).instances.length, 1);
    });
  });
}
