import type { Generated, Kysely } from 'kysely';
import * as z from 'zod';
import { contract } from '../../../contract/index.ts';
import { aggregate } from '../../../log/index.ts';
import { projection, tables } from '../../../projection/index.ts';
import { saga } from '../../../saga/index.ts';
import { service } from '../../../service/index.ts';
import { database } from '../../../store/index.ts';
import { system } from '../../../system/index.ts';

// A small system that has everything: a saga with two participants and a point of no return, an aggregate, a read model, and
// a subscriber. Boxes are booked onto a ship that has little room, and paid by customers who have little money.

const Booking = z.object({ id: z.string(), customer: z.string(), boxes: z.int().positive() });

export const bookings = contract('bookings', {
  version: '1.0.0',
  team: 'desk',
  queries: { status: { input: z.string(), output: z.string().nullable() } },
  commands: { book: { input: Booking, output: z.object({ id: z.string() }) } },
  events: { Booked: { version: 1, schema: Booking }, Rejected: { version: 1, schema: Booking } },
});

export const quay = contract('quay', {
  version: '1.0.0',
  team: 'afloat',
  commands: {
    load: { input: Booking, output: z.void(), errors: { SHIP_FULL: z.object({ left: z.int() }) } },
    unload: { input: Booking, output: z.void() },
    charge: { input: Booking, output: z.void(), errors: { NO_MONEY: z.object({ left: z.int() }) } },
    refund: { input: Booking, output: z.void() },
    seal: { input: Booking, output: z.void() },
  },
});

export const ROOM = 8;
export const MONEY = 6;

interface BookingTables {
  summaries: { id: string; status: string; events: number };
}
const summaryTables = tables<BookingTables>({
  summaries: (db) =>
    db.schema
      .createTable('summaries')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('events', 'integer', (column) => column.notNull())
      .execute(),
});

interface QuayTables {
  /** Everything that was done, in order. */
  effects: { id: Generated<number>; booking: string; what: string; boxes: number; customer: string };
  manifest: { booking: string; times: number };
}
const quayDatabase = database<QuayTables>({
  '001': async (db) => {
    await db.schema
      .createTable('effects')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('booking', 'text', (column) => column.notNull())
      .addColumn('what', 'text', (column) => column.notNull())
      .addColumn('boxes', 'integer', (column) => column.notNull())
      .addColumn('customer', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('manifest')
      .addColumn('booking', 'text', (column) => column.primaryKey())
      .addColumn('times', 'integer', (column) => column.notNull())
      .execute();
  },
});

type Facts = 'Asked' | 'Booked' | 'Rejected';
type Fact = { [TType in Facts]: { type: TType; data: z.infer<typeof Booking> } }[Facts];
const booking = aggregate<string | null, Fact>('booking', { initial: null, evolve: (_state, { type }) => type });

const bookFreight = saga('book-freight', {
  input: Booking,
  key: ({ id }) => id,
  calls: { quay },
  contract: bookings,
})
  .step('load', {
    run: ({ input, calls }) => calls.quay.load(input),
    compensate: ({ input, calls }) => calls.quay.unload(input),
    timeout: '2s',
  })
  .step('charge', {
    run: ({ input, calls }) => calls.quay.charge(input),
    compensate: ({ input, calls }) => calls.quay.refund(input),
    timeout: '2s',
  })
  .step('seal', {
    run: ({ input, calls }) => calls.quay.seal(input),
    commit: (_, { change }, { input }) => change(booking, input.id, () => [{ type: 'Booked', data: input }]),
    retry: { attempts: 50 },
    pivot: true,
  })
  .compensated(({ change }, { input }) => change(booking, input.id, () => [{ type: 'Rejected', data: input }]));

const conclude =
  (status: Facts) =>
  ({ aggregateId }: { aggregateId: string }, { db }: { db: Kysely<BookingTables> }) =>
    db
      .updateTable('summaries')
      .set(({ eb }) => ({ status, events: eb('events', '+', 1) }))
      .where('id', '=', aggregateId)
      .execute();

const summaries = projection('summaries', {
  version: 1,
  of: booking,
  tables: summaryTables,
  on: {
    Asked: ({ aggregateId: id }, { db }) => db.insertInto('summaries').values({ id, status: 'Asked', events: 1 }).execute(),
    Booked: conclude('Booked'),
    Rejected: conclude('Rejected'),
  },
});

export const bookingsService = service(bookings, {
  database: database<BookingTables>({}),
  handlers: {
    status: async (id, { load }) => (await load(booking, id)).state,
    book: async (order, { change, start }) => {
      await change(booking, order.id, (state) => (state === null ? [{ type: 'Asked', data: order }] : []));
      await start(bookFreight, order);
      return { id: order.id };
    },
  },
  sagas: [bookFreight],
  projections: [summaries],
});

type Done = 'load' | 'unload' | 'charge' | 'refund' | 'seal';
type Freight = z.infer<typeof Booking>;

interface Effect {
  readonly booking: string;
  readonly what: string;
  readonly boxes: number;
  readonly customer: string;
}

/** Everything that was done so far; it is little, and one look costs less than many questions. */
const effectsOf = (db: Kysely<QuayTables>): Promise<Effect[]> => db.selectFrom('effects').selectAll().execute();
const has = (effects: readonly Effect[], { id }: Freight, what: Done): boolean =>
  effects.some((effect) => effect.booking === id && effect.what === what);
const sum = (effects: readonly Effect[], what: Done): number =>
  effects.reduce((total, effect) => (effect.what === what ? total + effect.boxes : total), 0);
const act = async (db: Kysely<QuayTables>, { id, customer, boxes }: Freight, what: Done): Promise<void> =>
  void (await db.insertInto('effects').values({ booking: id, what, boxes, customer }).execute());

export const quayService = service(quay, {
  database: quayDatabase,
  handlers: {
    load: async (freight, { db, fail }) => {
      const effects = await effectsOf(db);
      const left = ROOM - sum(effects, 'load') + sum(effects, 'unload');
      // What was undone before it came is late, and stays away.
      if (freight.boxes > left || has(effects, freight, 'unload')) return fail('SHIP_FULL', { left });
      await act(db, freight, 'load');
    },
    unload: async (freight, { db }) => await undo(db, freight, ['load', 'unload']),
    charge: async (freight, { db, fail }) => {
      const effects = (await effectsOf(db)).filter(({ customer }) => customer === freight.customer);
      const left = MONEY - sum(effects, 'charge') + sum(effects, 'refund');
      if (freight.boxes > left || has(effects, freight, 'refund')) return fail('NO_MONEY', { left });
      await act(db, freight, 'charge');
    },
    refund: async (freight, { db }) => await undo(db, freight, ['charge', 'refund']),
    seal: async (freight, { db }) => await act(db, freight, 'seal'),
  },
}).on(bookings.events.Booked, async ({ data }, { db }) => {
  await db
    .insertInto('manifest')
    .values({ booking: data.id, times: 1 })
    .onConflict((again) => again.column('booking').doUpdateSet(({ eb }) => ({ times: eb('manifest.times', '+', 1) })))
    .execute();
});

/** Remembers that something is undone even when it never happened. */
async function undo(db: Kysely<QuayTables>, freight: Freight, [done, undone]: readonly [Done, Done]): Promise<void> {
  const boxes = has(await effectsOf(db), freight, done) ? freight.boxes : 0;
  await act(db, { ...freight, boxes }, undone);
}

export const freight = system('freight', { services: [bookingsService, quayService] });
