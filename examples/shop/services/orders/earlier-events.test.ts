import { join } from 'node:path';
import { goldenEvents } from 'flotilla/testing';
import { orders } from '../../contracts/orders.ts';
import { order } from './order.ts';

goldenEvents({ folder: join(import.meta.dirname, 'golden'), of: order, contract: orders });
