import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Registry } from '../discovery/index.ts';
import { crowd, facts, idsOf, OVER_MS, type RegistrySuiteOptions, TTL_MS } from './registry-suite-place.ts';

/** Renews over and over, so that the clock may pass the ends of leases. */
async function renewFor(place: { advance(ms: number): Promise<void>; registry: Registry }, ids: string[]): Promise<void> {
  for (let passed = 0; passed < OVER_MS; passed += TTL_MS / 3) {
    await Promise.all(ids.map((id) => place.registry.renew({ id, epoch: 1 })));
    await place.advance(TTL_MS / 3);
  }
}

/** Who is listed, for how long, and who may speak for an instance. */
export function registryLeasesSuite({ name, open }: RegistrySuiteOptions): void {
  suite(`${name}: leases`, () => {
    test('an instance that registered is listed for everybody, as it said', async () => {
      await using place = await open();
      const said = facts('a', { zone: 'eu-1', weight: 3, metadata: { shard: 'Süd' }, status: 'starting' });
      const registered = await place.registry.register(said);
      await place.registry.register(facts('b', { service: 'orders' }));
      const { instances } = await place.elsewhere.list('catalog');
      assert.deepEqual(instances, [registered]);
      const { registeredAt, expiresAt, stale, ...rest } = registered;
      assert.deepEqual(rest, said);
      assert.equal(expiresAt! - registeredAt, TTL_MS);
      assert.equal(stale, false);
      assert.deepEqual(idsOf((await place.elsewhere.list()).instances), ['a', 'b']);
    });

    test('an instance that registers again is listed once; saying nothing new is no change', async () => {
      await using place = await open();
      const first = await place.registry.register(facts('a'));
      const { revision } = await place.registry.list();
      await place.advance(1_000);
      const again = await place.elsewhere.register(facts('a'));
      assert.equal(again.registeredAt, first.registeredAt);
      assert.equal((await place.registry.list()).revision, revision);
      await place.registry.register(facts('a', { weight: 2 }));
      const after = await place.registry.list();
      assert.ok(after.revision > revision);
      assert.deepEqual(
        after.instances.map(({ weight, registeredAt }) => ({ weight, registeredAt })),
        [{ weight: 2, registeredAt: first.registeredAt }],
      );
    });

    test('the newer incarnation wins, and the older one is heard no more', async () => {
      await using place = await open();
      await place.registry.register(facts('a', { epoch: 1 }));
      await place.elsewhere.register(facts('a', { epoch: 2, url: 'http://127.0.0.1:7002' }));
      const old = { id: 'a', epoch: 1 };
      assert.equal(await place.registry.renew(old), false);
      assert.equal(await place.registry.setStatus(old, 'critical'), false);
      assert.equal(await place.registry.deregister(old), false);
      await assert.rejects(place.registry.register(facts('a', { epoch: 1 })), { code: 'INSTANCE_SUPERSEDED', kind: 'conflict' });
      const { instances } = await place.registry.list();
      assert.deepEqual(
        instances.map(({ url, status }) => ({ url, status })),
        [{ url: 'http://127.0.0.1:7002', status: 'passing' }],
      );
    });

    test('a newer incarnation that is dead does not keep an older one out for ever', async () => {
      await using place = await open();
      await place.registry.register(facts('a', { epoch: 9 }));
      await place.advance(OVER_MS);
      assert.equal((await place.registry.register(facts('a', { epoch: 1 }))).epoch, 1);
    });

    test('an id belongs to one service at a time', async () => {
      await using place = await open();
      await place.registry.register(facts('a'));
      await assert.rejects(place.registry.register(facts('a', { service: 'orders', epoch: 2 })), { code: 'INSTANCE_ID_TAKEN' });
    });

    test('a lease that is renewed lasts; one that is not ends', async () => {
      await using place = await open();
      for (const id of ['kept', 'left-alone']) await place.registry.register(facts(id));
      await place.registry.register(facts('forever', { ttlMs: 'none' }));
      await renewFor(place, ['kept', 'forever']);
      assert.deepEqual(idsOf((await place.elsewhere.list()).instances), ['forever', 'kept']);
      assert.equal(await place.registry.renew({ id: 'left-alone', epoch: 1 }), false);
    });

    test('a renewal takes no revision', async () => {
      await using place = await open();
      await place.registry.register(facts('a'));
      const { revision } = await place.registry.list();
      assert.equal(await place.registry.renew({ id: 'a', epoch: 1 }), true);
      assert.equal((await place.registry.list()).revision, revision);
    });

    test('an instance whose main loop is blocked is listed as critical until it says otherwise', async () => {
      await using place = await open();
      const status = async (): Promise<unknown> => (await place.registry.list()).instances[0]?.status;
      const lease = { id: 'a', epoch: 1 };
      await place.registry.register(facts('a', { status: 'warning' }));
      await place.elsewhere.renew(lease, { blocked: true });
      assert.equal(await status(), 'critical');
      await place.elsewhere.renew(lease, { blocked: false });
      assert.equal(await status(), 'warning');
      await place.registry.setStatus(lease, 'draining');
      await place.elsewhere.renew(lease, { blocked: true });
      assert.equal(await status(), 'draining');
    });

    test('an instance that deregistered is gone at once, and may come back', async () => {
      await using place = await open();
      await place.registry.register(facts('a'));
      assert.equal(await place.registry.deregister({ id: 'a', epoch: 1 }), true);
      assert.deepEqual((await place.elsewhere.list()).instances, []);
      assert.equal(await place.registry.deregister({ id: 'a', epoch: 1 }), false);
      await place.registry.register(facts('a'));
      assert.deepEqual(idsOf((await place.elsewhere.list()).instances), ['a']);
    });

    test('many who register at once through both are all listed, under revisions that rise', async () => {
      await using place = await open();
      const sides = [place.registry, place.elsewhere];
      await Promise.all(crowd(60).map((said, index) => sides[index % 2]!.register(said)));
      const { instances, revision } = await place.registry.list();
      assert.equal(instances.length, 60);
      assert.ok(revision > 60);
    });

    test('what is no instance is refused, naming every problem', async () => {
      await using place = await open();
      const wrong = facts('a', { weight: Number.NaN, url: 'nowhere', service: '../etc' });
      await assert.rejects(place.registry.register(wrong), (error: Error) => {
        return ['weight', 'nowhere', '../etc'].every((word) => error.message.includes(word));
      });
      assert.deepEqual((await place.registry.list()).instances, []);
    });

    test('a closed registry says so', async () => {
      await using place = await open();
      await place.registry[Symbol.asyncDispose]();
      await assert.rejects(place.registry.list(), { code: 'REGISTRY_CLOSED' });
      assert.equal((await place.registry.check()).status, 'DOWN');
      assert.equal((await place.elsewhere.check()).status, 'UP');
    });
  });

  suite(`${name}: self-preservation`, () => {
    test('half of the heartbeats lost: nobody is dropped, the silent ones are marked', async () => {
      await using place = await open();
      const all = crowd(12);
      for (const said of all) await place.registry.register(said);
      await renewFor(
        place,
        all.slice(0, 6).map(({ id }) => id),
      );
      const { instances } = await place.elsewhere.list();
      assert.equal(instances.length, 12);
      assert.equal(instances.filter(({ stale }) => stale).length, 6);
      const silent = instances.find(({ stale }) => stale)!;
      assert.equal(await place.registry.renew(silent), true);
      assert.equal((await place.registry.list()).instances.find(({ id }) => id === silent.id)?.stale, false);
    });

    test('a few of many are believed to be dead', async () => {
      await using place = await open();
      const all = crowd(20);
      for (const said of all) await place.registry.register(said);
      await renewFor(
        place,
        all.slice(0, 17).map(({ id }) => id),
      );
      assert.equal((await place.registry.list()).instances.length, 17);
    });

    test('those who stay silent for minutes are dropped in the end', async () => {
      await using place = await open();
      for (const said of crowd(12)) await place.registry.register(said);
      await place.advance(OVER_MS);
      assert.equal((await place.registry.list()).instances.length, 12);
      await place.advance(6 * 60_000);
      assert.deepEqual((await place.registry.list()).instances, []);
    });
  });
}
