import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { Address, Lines, OrderId } from './vocabulary.ts';

/** Brings parcels to people. */
export const shipping = contract('shipping', {
  version: '1.0.0',
  team: 'logistics',
  commands: {
    ship: {
      summary: 'Books the parcel of an order. Repeating it books nothing new.',
      input: z.object({ orderId: OrderId, lines: Lines, shipTo: Address }),
      output: z.object({ shipmentId: z.string() }),
      errors: {
        CANNOT_SHIP: z.object({ country: z.string() }),
        /** The shipment was cancelled before this arrived. */
        SHIPMENT_CANCELLED: z.object({ orderId: OrderId }),
      },
    },
    cancel: {
      summary: 'Cancels the parcel of an order, booked or not, and lets none be booked any more.',
      input: z.object({ orderId: OrderId }),
      output: z.void(),
    },
  },
});
