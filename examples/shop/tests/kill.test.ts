import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { audit, shelves } from './support/audit.ts';
import { Browser } from './support/browser.ts';
import { Dice } from './support/dice.ts';
import { Shop } from './support/shop.ts';
import { Crowd } from './support/shopper.ts';

const ROUNDS = 30;
const SHOPPERS = 6;
/** How long the shop may live, once open. */
const LIFE_MS = { least: 30, most: 1000 };
/** One life in so many ends while the shop is still opening. */
const STILLBORN = 6;
const OPENING_MS = { least: 0, most: 700 };

test(`a shop that is killed ${ROUNDS} times loses nothing and does nothing twice`, { timeout: 500_000 }, async (t) => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  t.diagnostic(`seed ${seed} (repeat with SEED=${seed})`);
  const dice = new Dice(seed);
  await using shop = await Shop.open();
  const visitor = new Browser(shop.url);
  const shoppers = await Promise.all(Array.from({ length: SHOPPERS }, () => Browser.signedIn(shop.url)));
  const opening = await shelves(visitor);

  using crowd = new Crowd(shoppers, dice);
  await Promise.race([crowd.trouble(), killAgainAndAgain(shop, dice, t.signal)]);
  await shop.ready();
  const acknowledged = await crowd.goHome();

  const orders = await audit(shop, visitor, { acknowledged, opening });
  assert.equal(await shop.end('SIGTERM'), 0);

  const confirmed = orders.filter(({ status }) => status === 'confirmed').length;
  t.diagnostic(
    `${ROUNDS} kills, ${orders.length} orders: ${confirmed} confirmed, ${orders.length - confirmed} cancelled, all sums fit`,
  );
});

async function killAgainAndAgain(shop: Shop, dice: Dice, signal: AbortSignal): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const opens = dice.between(1, STILLBORN) > 1;
    if (opens) await shop.ready();
    const { least, most } = opens ? LIFE_MS : OPENING_MS;
    // The moment itself is what is tested, so here a wait is just a wait.
    await setTimeout(dice.between(least, most), undefined, { signal });
    await shop.end('SIGKILL');
    shop.start();
  }
}
