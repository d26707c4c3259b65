import assert from 'node:assert/strict';
import { test } from 'node:test';
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
