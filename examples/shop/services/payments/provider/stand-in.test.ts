import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { ProviderBooks } from './books.ts';
import type { PaymentProvider } from './provider.ts';
import { createStandInProvider } from './stand-in.ts';

const never = new AbortController().signal;

/** A provider with fresh books, and what an auditor reads in them. */
function open(t: TestContext): { provider: PaymentProvider; movements: () => string[]; reopen: () => PaymentProvider } {
  const folder = mkdtempSync(join(tmpdir(), 'provider-'));
  const path = join(folder, 'outside', 'books.db');
  const books = [new ProviderBooks(path)];
  t.after(() => {
    for (const one of books) one[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  return {
    provider: createStandInProvider(books[0]!),
    movements: () => {
      using db = new DatabaseSync(path);
      const rows = db.prepare('SELECT * FROM movements ORDER BY rowid').all();
      return rows.map(({ reference, kind, amount }) => `${String(reference)} ${String(kind)} ${String(amount)}`);
    },
    reopen: () => {
      books.push(new ProviderBooks(path));
      return createStandInProvider(books.at(-1)!);
    },
  };
}

const charge = (token: string, amount = 500) => ({ reference: 'o-1', amount, currency: 'EUR', token });

test('money is taken once per reference, also by a provider that was restarted', async (t) => {
  const { provider, movements, reopen } = open(t);
  assert.deepEqual(await provider.charge(charge('tok_visa'), never), { status: 'charged' });
  assert.deepEqual(await reopen().charge(charge('tok_visa'), never), { status: 'charged' });
  assert.deepEqual(movements(), ['o-1 charge 500']);
});

test('a refund returns what was taken, once', async (t) => {
  const { provider, movements } = open(t);
  await provider.charge(charge('tok_visa'), never);
  await provider.refund('o-1', never);
  await provider.refund('o-1', never);
  assert.deepEqual(movements(), ['o-1 charge 500', 'o-1 refund 500']);
});

test('a refund of a charge that never came is accepted and stops one that comes late', async (t) => {
  const { provider, movements } = open(t);
  await provider.refund('o-1', never);
  assert.deepEqual(await provider.charge(charge('tok_visa'), never), { status: 'declined', why: 'payment was called off' });
  assert.deepEqual(movements(), []);
});

test('a refused and an unknown card move no money', async (t) => {
  const { provider, movements } = open(t);
  assert.deepEqual(await provider.charge(charge('tok_declined'), never), { status: 'declined', why: 'card refused' });
  assert.deepEqual(await provider.charge(charge('tok_other'), never), { status: 'declined', why: 'unknown card' });
  assert.deepEqual(movements(), []);
});

test('a flaky card is charged at the third try, and the tries survive a restart', async (t) => {
  const { provider, movements, reopen } = open(t);
  assert.deepEqual(await provider.charge(charge('tok_flaky'), never), { status: 'unavailable' });
  assert.deepEqual(await provider.charge(charge('tok_flaky'), never), { status: 'unavailable' });
  assert.deepEqual(await reopen().charge(charge('tok_flaky'), never), { status: 'charged' });
  assert.deepEqual(movements(), ['o-1 charge 500']);
});

for (const { amount, taken } of [
  { amount: 500, taken: ['o-1 charge 500', 'o-1 refund 500'] },
  { amount: 501, taken: [] },
]) {
  test(`a charge that is never answered is settled by its refund, ${taken.length > 0 ? 'taken' : 'not taken'} as it was`, async (t) => {
    const { provider, movements } = open(t);
    const patience = new AbortController();
    const charging = provider.charge(charge('tok_timeout', amount), patience.signal);
    patience.abort();
    await assert.rejects(charging, { code: 'CANCELLED' });
    await provider.refund('o-1', never);
    assert.deepEqual(movements(), taken);
  });
}
