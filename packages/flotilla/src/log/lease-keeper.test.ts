import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeRuntime, openTemporaryStore, until } from '../testing/index.ts';
import { createLeaseKeeper, type LeaseKeeper } from './index.ts';

async function world() {
  const runtime = createFakeRuntime();
  const { store, ...temporary } = await openTemporaryStore({ runtime });
  const keeper = (owner: string): LeaseKeeper => createLeaseKeeper({ store, runtime, name: 'relay', owner });
  return { ...temporary, store, clock: runtime.clock, keeper };
}

test('one owner holds a lease; another waits until it lets go', async () => {
  await using here = await world();
  const [first, second] = [here.keeper('a'), here.keeper('b')];
  const proof = await first.hold();
  assert.equal(await second.hold(), undefined);
  await first[Symbol.asyncDispose]();
  assert.ok((await second.hold())!.fence > proof!.fence);
});

test('an idle holder lets the lease run out, and is told apart by the fence when it comes back', async () => {
  await using here = await world();
  const [first, second] = [here.keeper('a'), here.keeper('b')];
  const before = await first.hold();
  await here.clock.advance(3_000);
  assert.ok(await second.hold());
  await here.clock.advance(3_000);
  assert.ok((await first.hold())!.fence > before!.fence);
});

test('the lease is renewed while work runs, and no timer is left when it ends', async () => {
  await using here = await world();
  const [first, second] = [here.keeper('a'), here.keeper('b')];
  await first.hold();
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = first.during(() => promise);
  for (let passed = 0; passed < 10_000; passed += 500) {
    await here.clock.advance(500);
    await here.store.check(new AbortController().signal); // A renewal under way is committed now.
    assert.equal(await second.hold(), undefined);
  }
  resolve();
  await work;
  await until(() => here.clock.pending === 0);
});

test('a held lease costs no commit', async () => {
  await using here = await world();
  const keeper = here.keeper('a');
  await keeper.hold();
  let commits = 0;
  using _counting = here.store.onCommit(() => (commits += 1));
  await Promise.all([keeper.hold(), keeper.hold()]);
  assert.equal(commits, 0);
  await here.clock.advance(2_000);
  await Promise.all([keeper.hold(), keeper.hold()]);
  assert.equal(commits, 1);
});

test('work that comes again and again waits for no renewal: each follows the work before', async () => {
  await using here = await world();
  const keeper = here.keeper('a');
  const fence = (await keeper.hold())!.fence;
  let commits = 0;
  using _counting = here.store.onCommit(() => (commits += 1));
  for (let round = 0; round < 5; round += 1) {
    await here.clock.advance(1_500);
    assert.equal((await keeper.hold())!.fence, fence);
    assert.equal(commits, round);
    await keeper.during(() => Promise.resolve());
    await until(() => commits === round + 1);
  }
});
