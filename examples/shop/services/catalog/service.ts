import { service } from 'flotilla/service';
import { catalog } from '../../contracts/catalog.ts';
import { catalogDatabase } from './database.ts';

/** The shop sells in one currency. */
const currency = 'EUR' as const;
const columns = ['id', 'sku', 'name', 'description', 'price'] as const;

export const catalogService = service(catalog, {
  database: catalogDatabase,
  handlers: {
    list: async ({ search, limit, cursor }, { db }) => {
      let query = db
        .selectFrom('products')
        .select(columns)
        .orderBy('id')
        .limit(limit + 1);
      if (cursor !== undefined) query = query.where('id', '>', cursor);
      for (const word of wordsOf(search)) query = query.where('words', 'like', `%${word}%`);
      const rows = await query.execute();
      const items = rows.slice(0, limit).map((row) => ({ ...row, currency }));
      return { items, next: rows.length > limit ? items.at(-1)!.id : null };
    },

    get: async ({ id }, { db, fail }) => {
      const row = await db.selectFrom('products').select(columns).where('id', '=', id).executeTakeFirst();
      return row ? { ...row, currency } : fail('PRODUCT_NOT_FOUND', { id }, `There is no product '${id}'.`);
    },

    offers: async ({ skus }, { db }) => {
      const rows = await db.selectFrom('products').select(['sku', 'name', 'price']).where('sku', 'in', skus).execute();
      return rows.map((row) => ({ ...row, currency }));
    },
  },
});

/** Letters and digits only: whatever else was typed separates words and never reaches the database as a wildcard. */
function wordsOf(search: string): string[] {
  return search.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
