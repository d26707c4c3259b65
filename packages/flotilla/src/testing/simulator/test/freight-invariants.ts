import assert from 'node:assert/strict';
import type { Visitor } from '../visitors.ts';
import type { Clients } from '../../../client/index.ts';
import type { World } from '../world.ts';
import { bookings, bookingsService, MONEY, quayService, ROOM } from './freight.ts';

export const clients = { bookings };

const CUSTOMERS = ['ada', 'grace'];

/** Books something and does not go away before it is told that this was taken. */
export async function book({ bookings: desk }: Clients<typeof clients>, { insist, newId, random }: Visitor): Promise<void> {
  const id = newId();
  const order = { id, customer: random.pick(CUSTOMERS), boxes: 1 + random.below(5) };
  await insist(() => desk.book(order, { idempotencyKey: id }));
}

export const invariants = {
  'room and money are never overspent': async ({ db }: World) => {
    const effects = await db(quayService).selectFrom('effects').selectAll().orderBy('id').execute();
    const sum = (what: string, customer?: string): number =>
      effects
        .filter((effect) => effect.what === what && (customer === undefined || effect.customer === customer))
        .reduce((total, { boxes }) => total + boxes, 0);
    assert.ok(sum('load') - sum('unload') <= ROOM);
    for (const customer of CUSTOMERS) assert.ok(sum('charge', customer) - sum('refund', customer) <= MONEY);
  },

  'what is done for a booking is done once, and undone in reverse': async ({ db, sagas }: World) => {
    const effects = await db(quayService).selectFrom('effects').selectAll().orderBy('id').execute();
    for (const { key, status } of sagas(bookingsService)) {
      const done = effects.filter(({ booking }) => booking === key).map(({ what }) => what);
      if (status === 'done') assert.deepEqual(done, ['load', 'charge', 'seal']);
      else assert.match(done.join(' '), /^(load )?((charge )?refund )?unload$|^$/, `${key} is ${status}`);
    }
  },

  'every booking ends as its read model, its event and the manifest say': async ({ db, sagas, events }: World) => {
    const rows = new Map((await db(bookingsService).selectFrom('summaries').selectAll().execute()).map((row) => [row.id, row]));
    const manifest = new Map(
      (await db(quayService).selectFrom('manifest').selectAll().execute()).map((row) => [row.booking, row.times]),
    );
    for (const { key, status } of sagas(bookingsService)) {
      const end = status === 'done' ? 'Booked' : 'Rejected';
      const facts = events(bookingsService).filter(({ stream }) => stream === `booking:${key}`);
      assert.deepEqual(
        facts.map(({ type }) => type),
        ['Asked', end],
      );
      assert.deepEqual(rows.get(key), { id: key, status: end, events: 2 });
      assert.equal(manifest.get(key), end === 'Booked' ? 1 : undefined);
    }
  },
};
