import { service } from 'flotilla/service';
import { shipping } from '../../contracts/shipping.ts';
import { shippingDatabase } from './database.ts';

/** Countries no carrier goes to. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(['XX']);

export const shippingService = service(shipping, {
  database: shippingDatabase,
  handlers: {
    ship: async ({ orderId, shipTo: { country } }, { db, fail, newId }) => {
      if (OUT_OF_REACH.has(country)) return fail('CANNOT_SHIP', { country }, `no carrier goes to ${country}`);
      const earlier = await db.selectFrom('shipments').selectAll().where('order_id', '=', orderId).executeTakeFirst();
      if (earlier?.status === 'cancelled') return fail('SHIPMENT_CANCELLED', { orderId });
      if (earlier) return { shipmentId: earlier.id };
      const shipmentId = newId();
      await db.insertInto('shipments').values({ order_id: orderId, id: shipmentId, status: 'booked' }).execute();
      return { shipmentId };
    },

    cancel: async ({ orderId }, { db, newId }) => {
      await db
        .insertInto('shipments')
        .values({ order_id: orderId, id: newId(), status: 'cancelled' })
        .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ status: 'cancelled' }))
        .execute();
    },
  },
});
