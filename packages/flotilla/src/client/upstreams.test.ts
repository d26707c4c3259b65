import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { createUpstreams } from './index.ts';

test('an instance that has just come up is tried, whatever the others were like; one that an operator isolated is not', async () => {
  const policies = { all: { retry: false, breaker: { minimumCalls: 1 } } } as const;
  const upstreams = createUpstreams({ policies, runtime: createFakeRuntime() });
  const ask = upstreams.toService('payments');
  await assert.rejects(
    ask(() => Promise.reject(new Error('down'))),
    { message: 'down' },
  );
  await assert.rejects(
    ask(async () => 1),
    { code: 'BREAKER_OPEN' },
  );
  upstreams.arrived('payments');
  assert.equal(await ask(async () => 1), 1);

  upstreams.pipeline('payments')!.breaker!.isolate();
  upstreams.arrived('payments');
  await assert.rejects(
    ask(async () => 1),
    { code: 'BREAKER_OPEN' },
  );
  upstreams.arrived('a service that nobody calls');
});

test('other policies apply to operations from the next call on, and what a breaker learnt stays', async () => {
  const stock = contract('stock', {
    version: '1.0.0',
    team: 'warehouse',
    queries: { level: { input: z.object({}), output: z.number(), timeout: '700ms' } },
  });
  const timeOf = async ({ deadline }: { deadline: number }): Promise<number> => deadline;
  const upstreams = createUpstreams({ policies: { all: { retry: false } }, runtime: createFakeRuntime() });
  const level = upstreams.execute(stock.queries.level);
  assert.equal(await level(timeOf), 700);
  const { breaker } = upstreams.pipeline('stock')!;
  upstreams.reload({ all: { retry: false }, services: { stock: { operations: { level: { timeout: { attempt: '2s' } } } } } });
  assert.equal(await level(timeOf), 2_000);
  upstreams.reload({ all: { retry: false } });
  assert.equal(await level(timeOf), 700);
  assert.equal(upstreams.pipeline('stock')!.breaker, breaker);
  upstreams.reload({ all: { breaker: false } });
  assert.equal(upstreams.pipeline('stock')!.breaker, undefined);
});
