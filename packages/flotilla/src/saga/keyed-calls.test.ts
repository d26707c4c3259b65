import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { type CallOptions, type Clients, markDeclared } from '../client/index.ts';
import { contract, type Contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { keyedCalls } from './keyed-calls.ts';

const bank = contract('bank', {
  version: '1.0.0',
  team: 'money',
  queries: { balance: { input: z.object({}), output: z.int() } },
  commands: { charge: { input: z.object({}), output: z.int() }, refund: { input: z.object({}), output: z.int() } },
});
const contracts: Record<string, Contract> = { bank };

/** Clients that answer as told and note the key each operation was called with. */
function noting(answer: () => Promise<unknown>) {
  const keys: [string, string | undefined][] = [];
  const operation = (name: string) => (_input: unknown, options?: CallOptions) => {
    keys.push([name, options?.idempotencyKey]);
    return answer();
  };
  const client = { balance: operation('balance'), charge: operation('charge'), refund: operation('refund') };
  const clients = { bank: client } as unknown as Clients<Record<string, Contract>>;
  const keyed = keyedCalls(clients, contracts, 'KEY');
  return { ...keyed, keys, calls: keyed.calls as unknown as Clients<{ bank: typeof bank }> };
}

test('commands get keys of their own, the same in every attempt; queries need none', async () => {
  const attempts = [noting(() => Promise.resolve(1)), noting(() => Promise.resolve(1))];
  for (const { calls } of attempts) {
    await calls.bank.charge({});
    await calls.bank.refund({});
    await calls.bank.charge({});
    await calls.bank.balance({});
  }
  assert.deepEqual(attempts[0]!.keys, [
    ['charge', 'KEY.bank.charge.1'],
    ['refund', 'KEY.bank.refund.1'],
    ['charge', 'KEY.bank.charge.2'],
    ['balance', undefined],
  ]);
  assert.deepEqual(attempts[1]!.keys, attempts[0]!.keys);
});

test('a key that the step chose itself is kept', async () => {
  const { keys, calls } = noting(() => Promise.resolve(1));
  await calls.bank.charge({}, { idempotencyKey: 'mine' });
  assert.deepEqual(keys, [['charge', 'mine']]);
});

test('only a command that was definitely refused has certainly done nothing', async () => {
  const failing = (kind: 'conflict' | 'timeout') => noting(() => Promise.reject(new FlotillaError('X', { kind, message: 'x' })));
  const [refused, silent, asked] = [failing('conflict'), failing('timeout'), noting(() => Promise.resolve(1))];
  await assert.rejects(refused.calls.bank.charge({}));
  await assert.rejects(silent.calls.bank.charge({}));
  await asked.calls.bank.balance({});
  assert.deepEqual(
    [refused, silent, asked].map(({ mayHaveActed }) => mayHaveActed()),
    [false, true, false],
  );
});

test('only a declared refusal of a command that may not pass is kept by whoever refused', async () => {
  const refused = (error: FlotillaError) => noting(() => Promise.reject(error));
  const declared = refused(markDeclared(new FlotillaError('X', { kind: 'conflict', message: 'x' })));
  const passing = refused(markDeclared(new FlotillaError('X', { kind: 'unavailable', message: 'x' })));
  const undeclared = refused(new FlotillaError('X', { kind: 'conflict', message: 'x' }));
  for (const { calls } of [declared, passing, undeclared]) await assert.rejects(calls.bank.charge({}));
  const asked = refused(markDeclared(new FlotillaError('X', { kind: 'conflict', message: 'x' })));
  await assert.rejects(asked.calls.bank.balance({}));
  assert.deepEqual(
    [declared, passing, undeclared, asked].map(({ wasRefused }) => wasRefused()),
    [true, false, false, false],
  );
});
