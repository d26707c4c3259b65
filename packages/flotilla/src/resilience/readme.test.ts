import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { systemRuntime } from '../kernel/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { createBreaker, createCache, createPipeline, createRateLimiter, mergePolicies, standardPolicy } from './index.ts';

const source = await readFile(import.meta.filename, 'utf8');
const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');

const regions = source.matchAll(/^ *\/\/ #region (\w+)\n([\s\S]*?)^ *\/\/ #endregion$/gm);
for (const [, name, code] of regions) {
  test(`the example '${name}' of the README is the one that is run here`, () => {
    const indent = /^ */.exec(code!)![0];
    const shown = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd();
    assert.ok(readme.includes(shown), `README.md lacks:\n${shown}`);
  });
}

async function fetchPrice(sku: string, { signal, host }: { signal: AbortSignal; host?: string }): Promise<number> {
  signal.throwIfAborted();
  return sku.length + (host ?? '').length;
}

test('one pipeline protects all calls to an upstream', async () => {
  const runtime = systemRuntime;
  const sku = 'tea';
  // #region pipeline
  const prices = createPipeline({ name: 'prices', policy: standardPolicy, runtime });
  const price = await prices.execute(({ signal }) => fetchPrice(sku, { signal }), { idempotent: true });
  // #endregion
  assert.equal(price, 3);
});

test('an upstream has operations and endpoints', async () => {
  const runtime = systemRuntime;
  const [sku, hosts] = ['tea', ['a', 'bb']];
  // #region many
  const policy = mergePolicies(standardPolicy, { timeout: { attempt: '800ms' }, breaker: { minimumCalls: 50 } });
  const prices = createPipeline({ name: 'prices', policy, runtime });
  const current = prices.with({ hedge: { delay: '50ms' }, fallback: () => 0 });

  await current(({ endpoint, signal }) => fetchPrice(sku, { signal, host: endpoint }), {
    idempotent: true,
    pick: (excluded: readonly string[]) => hosts.find((host) => !excluded.includes(host)) ?? hosts[0]!,
  });
  prices.reload(mergePolicies(policy, { retry: { attempts: 2 } }));
  prices.breaker?.isolate();
  // #endregion
  assert.equal(prices.state().breaker?.kind, 'isolated');
});

test('each policy works alone', async () => {
  const runtime = createFakeRuntime();
  const { clock } = runtime;
  const { signal } = new AbortController();
  const userId = 'u1';
  // #region alone
  const breaker = createBreaker({ name: 'mail', runtime, openFor: '5s' });
  await breaker.execute(async () => 'sent');

  const limiter = createRateLimiter({ rate: '1000/hour', clock });
  const { allowed, remaining, resetMs } = limiter.take(userId);

  const rates = createCache<number>({ clock, ttl: '5m', maxEntries: 100 });
  const rate = await rates.load('EUR', async () => 1.08, signal);
  // #endregion
  assert.deepEqual([allowed, remaining, resetMs, rate], [true, 999, 3_600_000, 1.08]);
});
