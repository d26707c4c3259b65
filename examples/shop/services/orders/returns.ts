import { deadline } from 'flotilla/saga';
import { inventory } from '../../contracts/inventory.ts';
import { orders } from '../../contracts/orders.ts';

/** Nobody directs a return: each service does its part when it hears of the one before. So somebody must notice when nothing comes. */
export const goodsComeBack = deadline('goods-come-back', {
  from: { event: orders.events.ReturnRequested, key: ({ orderId }) => orderId },
  to: { event: inventory.events.GoodsReturned, key: ({ orderId }) => orderId },
  within: '14d',
});
