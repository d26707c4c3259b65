import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as z from 'zod';
import { type CallOptions, type Clients, markDeclared } from '../client/index.ts';
import { contract, type Contract } from '../contract/index.ts';
import type { SagaStatus } from '../store/index.ts';
import { saga, type SagaDefinition } from './index.ts';
import { declined, Order, openYard, orders, silentPort } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };

suite('a step that nobody answered and that can be checked', () => {
  /** Waits until a saga of one such step has ended like that; says how often the step was undone. */
  async function undoneUntil(status: SagaStatus, check: () => Promise<string | undefined>): Promise<number> {
    await using yard = await openYard();
    let undone = 0;
    const pay: SagaDefinition = saga('pay', spec).step('charge', {
      run: (): Promise<string> => Promise.reject(silentPort()),
      check,
      compensate: async () => (undone += 1),
      retry: { attempts: 1 },
    });
    yard.coordinator([pay]);
    await yard.reaches(await yard.start(pay, 'order-1'), status);
    return undone;
  }

  test('is done when the check finds what it did', async () => {
    assert.equal(await undoneUntil('done', () => Promise.resolve('receipt')), 0);
  });

  test('is not undone when the check finds that it did nothing', async () => {
    assert.equal(await undoneUntil('compensated', () => Promise.resolve(undefined)), 0);
  });

  test('is undone when the check finds out nothing, even when it was refused', async () => {
    for (const error of [silentPort(), declined(), new Error('a mistake in the check')]) {
      assert.equal(await undoneUntil('compensated', () => Promise.reject(error)), 1, error.message);
    }
  });
});

test('doing and undoing a step have a key each, the same in every attempt', async () => {
  await using yard = await openYard();
  const keys: Record<'run' | 'compensate', string[]> = { run: [], compensate: [] };
  const pay = saga('pay', spec).step('charge', {
    run: ({ idempotencyKey }): never => {
      keys.run.push(idempotencyKey);
      throw silentPort();
    },
    compensate: async ({ idempotencyKey, attempt }) => {
      keys.compensate.push(idempotencyKey);
      if (attempt < 3) throw silentPort();
    },
    retry: { attempts: 2 },
  });
  yard.coordinator([pay]);
  await yard.reaches(await yard.start(pay, 'order-1'), 'compensated');
  assert.deepEqual([keys.run.length, keys.compensate.length], [2, 3]);
  const distinct = Object.values(keys).map((used) => [...new Set(used)]);
  assert.deepEqual(
    distinct.map(({ length }) => length),
    [1, 1],
  );
  assert.notEqual(distinct[0]![0], distinct[1]![0]);
});

const bank = contract('bank', {
  version: '1.0.0',
  team: 'money',
  commands: { refund: { input: z.void(), output: z.void() } },
});

test('what was refused for good is asked anew under another key, and under the same once it is not known how that ended', async () => {
  await using yard = await openYard();
  const keys: (string | undefined)[] = [];
  const answers = [markDeclared(declined()), silentPort(), markDeclared(declined())];
  const refund = (_: unknown, options?: CallOptions): Promise<void> => {
    const answer = answers[keys.push(options?.idempotencyKey) - 1];
    return answer ? Promise.reject(answer) : Promise.resolve();
  };
  // A client is one function for each operation.
  const clients = (): Clients<Record<string, Contract>> => ({ bank: { refund } }) as never;
  const pay = saga('pay', { ...spec, calls: { bank } })
    .step('charge', { run: () => null, compensate: ({ calls }) => calls.bank.refund() })
    .step('ship', { run: () => Promise.reject(declined()) });
  yard.coordinator([pay], { clients });
  await yard.reaches(await yard.start(pay, 'order-1'), 'compensated');
  const [first, second, third, fourth, ...rest] = keys;
  assert.equal(second, third);
  assert.equal(new Set([first, second, fourth]).size, 3);
  assert.deepEqual(rest, []);
});
