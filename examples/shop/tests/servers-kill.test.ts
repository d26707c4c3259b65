import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { audit, shelves } from './support/audit.ts';
import { Browser } from './support/browser.ts';
import { Dice } from './support/dice.ts';
import { Fleet } from './support/fleet.ts';
import { openServers, type Servers, withoutServers } from './support/servers.ts';
import { Crowd } from './support/shopper.ts';

/** The first four of those below; `BLOWS=60` deals all of them, for minutes. */
const BLOWS = Number(process.env.BLOWS ?? 4);
const SHOPPERS = 4;
const PAUSE_MS = { least: 300, most: 1_200 };
const AWAY_MS = { least: 100, most: 1_500 };

type Blow = (fleet: Fleet, servers: Servers, dice: Dice) => Promise<void>;

const BLOWS_DEALT: Readonly<Record<string, Blow>> = {
  'SIGKILL of a process': async (fleet, _servers, dice) => {
    const ships = await fleet.ships();
    if (ships.length > 0) end(dice.oneOf(ships).pid, 'SIGKILL');
  },
  'immediate stop of PostgreSQL': async (_fleet, { postgres }, dice) => {
    await postgres.stop('immediate');
    await away(dice);
    await postgres.restart();
  },
  'SIGKILL of NATS': async (_fleet, { nats }, dice) => {
    await nats.kill();
    await away(dice);
    await nats.restart();
  },
  'SIGSTOP of PostgreSQL': async (_fleet, { postgres }, dice) => {
    postgres.pause();
    await away(dice);
    postgres.resume();
  },
  'SIGSTOP of a process': async (fleet, _servers, dice) => {
    const ships = await fleet.ships();
    if (ships.length === 0) return;
    const { pid } = dice.oneOf(ships);
    end(pid, 'SIGSTOP');
    await away(dice);
    end(pid, 'SIGCONT');
  },
  'SIGKILL of PostgreSQL': async (_fleet, { postgres }, dice) => {
    await postgres.kill();
    await away(dice);
    await postgres.restart();
  },
};

test(
  `${BLOWS} blows at processes, database and broker under load, and the books agree`,
  { skip: withoutServers, timeout: 900_000 },
  async (t) => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
    t.diagnostic(`seed ${seed} (repeat with SEED=${seed})`);
    const dice = new Dice(seed);
    await using servers = await openServers();
    await using fleet = await Fleet.open('orders=2', '--store', servers.store, '--bus', servers.bus);
    const visitor = new Browser(fleet.url);
    const shoppers = await Promise.all(Array.from({ length: SHOPPERS }, () => Browser.signedIn(fleet.url)));
    const opening = await shelves(visitor);

    using crowd = new Crowd(shoppers, dice);
    const dealt = await Promise.race([crowd.trouble(), deal(fleet, servers, dice)]);
    const acknowledged = await crowd.goHome();
    t.diagnostic(`${JSON.stringify(dealt)}, ${acknowledged.length} orders, ${crowd.stumbles.length} stumbles`);
    const orders = await audit(fleet, visitor, { acknowledged, opening });

    const confirmed = orders.filter(({ status }) => status === 'confirmed').length;
    t.diagnostic(`${confirmed} of ${orders.length} orders confirmed, all sums fit`);
    assert.equal(await fleet.end(), 0);
  },
);

/** Each kind once, and then whatever comes. Says what was dealt. */
async function deal(fleet: Fleet, servers: Servers, dice: Dice): Promise<string[]> {
  const kinds = Object.keys(BLOWS_DEALT);
  const dealt: string[] = [];
  for (let blow = 0; blow < BLOWS; blow += 1) {
    // The rhythm is part of what is tested, so here a wait is just a wait.
    await setTimeout(dice.between(PAUSE_MS.least, PAUSE_MS.most));
    const kind = kinds[blow] ?? dice.oneOf(kinds);
    dealt.push(kind);
    await BLOWS_DEALT[kind]!(fleet, servers, dice);
  }
  return dealt;
}

async function away(dice: Dice): Promise<void> {
  await setTimeout(dice.between(AWAY_MS.least, AWAY_MS.most));
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
