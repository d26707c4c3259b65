import type { Placed } from './order.ts';

/** Version 1 knew one currency only, and did not say it. */
type PlacedV1 = Omit<Placed, 'currency'>;

/** What events of former times mean today. Each has golden files, which are never changed. */
export const orderUpcasters = {
  OrderPlaced: { 1: (data: PlacedV1): Placed => ({ ...data, currency: 'EUR' }) },
};
