import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { until, withMethods } from '../testing/index.ts';
import { balances, type BalancesOptions, bankAtWork, open, type Process } from './test/bank.ts';

type Bank = Awaited<ReturnType<typeof bankAtWork>>;

/** Where a process dies: before its nth transaction begins, or after that has committed and before it hears so. */
interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** The store as a process sees it that dies at some transaction: nothing it does afterwards has any effect. */
function mortal(store: Store, death: Death | undefined): { readonly store: Store; readonly transactions: () => number } {
  let count = 0;
  let isDead = false;
  const transact: Store['transact'] = async (work, options) => {
    count += 1;
    const isLast = count === death?.at;
    if (isDead || (isLast && death?.when === 'before')) throw die();
    const result = await store.transact(work, options);
    if (isLast) throw die();
    return result;
  };
  const die = (): FlotillaError => {
    isDead = true;
    return new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: 'This process is dead.' });
  };
  return { store: withMethods(store, { transact }), transactions: () => count };
}

async function untilDone(here: Bank, condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(async () => {
    await here.clock.advance(1_000);
    return await condition();
  });
}

/**
 * A bank with a past and a read model of it; a process with a higher version builds that anew and dies at some point, another one
 * finishes. Returns how many transactions the first one made.
 */
async function upgrade(code: BalancesOptions, death: Death | undefined): Promise<number> {
  await using here = await bankAtWork();
  {
    await using before = await here.process(balances(code));
    await before.deposit('a', ...Array.from({ length: 24 }, () => 1));
    await before.deposit('b', 5);
    if (code.mode !== 'inline') await before.models.caughtUp(balances(), open());
  }
  // So that a build takes several transactions.
  const next = { ...balances({ ...code, version: 2 }), batchSize: 10 };
  const first = mortal(here.store, death);
  const dying: Process | undefined = await here.process(next, first.store).catch(() => undefined);
  await untilDone(here, async () => {
    if (death) return dying === undefined || first.transactions() >= death.at;
    return (await here.statuses()).includes('v2 active');
  });
  await dying?.[Symbol.asyncDispose]();

  await using last = await here.process(next);
  await untilDone(here, async () => (await here.statuses()).includes('v2 active'));
  await last.deposit('a', 1);
  await last.deposit('c', 2);
  let isThere = false;
  void last.models.caughtUp(next, open()).then(() => (isThere = true));
  await untilDone(here, () => isThere);
  assert.deepEqual(await here.amounts(), { a: 25, b: 5, c: 2 });
  assert.deepEqual(await here.amounts(), await here.foldOfLog());
  assert.equal((await here.statuses()).filter((status) => status.endsWith('active')).length, 1);
  return first.transactions();
}

for (const [title, code] of [
  ['a read model', {}],
  ['an inline read model', { mode: 'inline' }],
] as const) {
  test(`${title} is the fold of its log wherever the process that builds it anew dies`, async () => {
    const transactions = await upgrade(code, undefined);
    assert.ok(transactions >= 4, `only ${transactions} transactions`);
    for (let at = 1; at <= transactions; at += 1) {
      await upgrade(code, { at, when: 'before' });
      await upgrade(code, { at, when: 'after' });
    }
  });
}
