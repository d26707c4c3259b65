import { database } from 'flotilla/store';
import { openingProducts } from './products.ts';

export interface CatalogTables {
  /** `words` is what a search looks through: name and description in lower case. */
  products: { id: string; sku: string; name: string; description: string; price: number; words: string };
}

export const catalogDatabase = database<CatalogTables>({
  '001 products': async (db) => {
    await db.schema
      .createTable('products')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('sku', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('description', 'text', (column) => column.notNull())
      .addColumn('price', 'integer', (column) => column.notNull())
      .addColumn('words', 'text', (column) => column.notNull())
      .execute();
    const rows = openingProducts().map((product) => ({ ...product, words: words(product) }));
    await db.insertInto('products').values(rows).execute();
  },
});

function words({ name, description }: { name: string; description: string }): string {
  return `${name} ${description}`.toLowerCase();
}
