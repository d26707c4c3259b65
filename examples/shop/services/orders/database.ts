import { database } from 'flotilla/store';
import type { SummaryTables } from './summaries.ts';

/** All that the orders need is their log, and a read model that has its tables made for it. */
export const ordersDatabase = database<SummaryTables>({});
