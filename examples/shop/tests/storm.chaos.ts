import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { audit, shelves } from './support/audit.ts';
import { Browser } from './support/browser.ts';
import { Dice } from './support/dice.ts';
import { Fleet, type Ship } from './support/fleet.ts';
import { Crowd } from './support/shopper.ts';

const BLOWS = Number(process.env.BLOWS ?? 60);
const EVERY_MS = 1_000;
const SHOPPERS = 8;
/** Services with several instances: what happens to one of them is nobody's business but ours. */
const SCALED = new Set(['catalog', 'orders']);
const STOPPED_MS = { least: 200, most: 2_500 };
const GENTLE: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGKILL', 'SIGSTOP'];

test(`${BLOWS} blows at a fleet under load, one a second, are noticed by no customer`, { timeout: 500_000 }, async (t) => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  t.diagnostic(`seed ${seed} (repeat with SEED=${seed})`);
  const dice = new Dice(seed);
  await using fleet = await Fleet.open('catalog=3,orders=2');
  const visitor = new Browser(fleet.url);
  const shoppers = await Promise.all(Array.from({ length: SHOPPERS }, () => Browser.signedIn(fleet.url)));
  const opening = await shelves(visitor);

  using crowd = new Crowd(shoppers, dice);
  const dealt = await Promise.race([crowd.trouble(), storm(fleet, dice, t.signal)]);
  t.diagnostic(`dealt ${JSON.stringify(dealt)}`);
  const acknowledged = await crowd.goHome();
  t.diagnostic(
    `${acknowledged.length} orders, ${crowd.stumbles.length} stumbles: ${JSON.stringify(crowd.stumbles.slice(0, 20))}`,
  );
  const orders = await audit(fleet, visitor, { acknowledged, opening });

  const confirmed = orders.filter(({ status }) => status === 'confirmed').length;
  t.diagnostic(`${JSON.stringify(dealt)}; ${orders.length} orders, ${confirmed} confirmed, all sums fit`);
  assert.deepEqual(crowd.stumbles, [], 'no customer saw an error');
  assert.equal(await fleet.end(), 0);
});

/** Kills, stops or restarts one instance after the other, and says how often it did what. */
async function storm(fleet: Fleet, dice: Dice, signal: AbortSignal): Promise<Record<string, number>> {
  const dealt: Record<string, number> = {};
  for (let blow = 1; blow <= BLOWS; blow += 1) {
    // The rhythm is part of what is tested, so here a wait is just a wait.
    await setTimeout(EVERY_MS, undefined, { signal });
    const ship = target(await fleet.ships(), dice);
    if (!ship) continue;
    const kind = dice.oneOf(GENTLE);
    dealt[kind] = (dealt[kind] ?? 0) + 1;
    deal(ship, kind, dice);
  }
  return dealt;
}

/** An instance whose service has another one that is ready to go on. */
function target(ships: readonly Ship[], dice: Dice): Ship | undefined {
  const spare = ships.filter(({ service, pid }) => {
    return SCALED.has(service) && ships.some((other) => other.service === service && other.pid !== pid);
  });
  return spare.length > 0 ? dice.oneOf(spare) : undefined;
}

function deal({ pid }: Ship, kind: NodeJS.Signals, dice: Dice): void {
  send(pid, kind);
  if (kind !== 'SIGSTOP') return;
  const { least, most } = STOPPED_MS;
  void setTimeout(dice.between(least, most)).then(() => send(pid, 'SIGCONT'));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
