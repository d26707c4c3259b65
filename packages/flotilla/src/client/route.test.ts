import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBalancer, type Instance } from '../discovery/index.ts';
import { createFakeRuntime, listedInstance } from '../testing/index.ts';
import { pickFrom } from './index.ts';

test('who is silent is asked only when nobody else is left, and who was tried is not asked again', () => {
  const runtime = createFakeRuntime();
  const instances: Instance[] = ['a', 'b', 'c'].map((id) => ({ ...listedInstance(id), url: `http://${id}` }));
  const silent = new Set<string>();
  const pick = pickFrom({ instances: () => instances, silent, balancer: createBalancer({ service: 'stock', runtime }) });
  const picked = (tried: readonly Instance[] = []): string =>
    [...new Set(Array.from({ length: 50 }, () => pick(tried).id))].toSorted().join();
  assert.equal(picked(), 'a,b,c');
  silent.add('http://a');
  assert.equal(picked(), 'b,c');
  assert.equal(picked([instances[1]!]), 'c');
  silent.add('http://b').add('http://c');
  assert.equal(picked(), 'a,b,c');
  silent.clear();
  assert.equal(picked([instances[0]!]), 'b,c');
});
