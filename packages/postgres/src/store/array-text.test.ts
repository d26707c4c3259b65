import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Client } from 'pg';
import { usePostgres } from '../testing/index.ts';
import { arrayText } from './array-text.ts';

const { skip, freshDatabase } = usePostgres();

test('a list arrives at the server as it was, whatever is in it', { skip }, async () => {
  await using database = await freshDatabase();
  const client = new Client({ connectionString: database.url.replace(/[^/]*$/, 'postgres') });
  await client.connect();
  try {
    // The server takes no text with a NUL in it, and no half of a pair.
    const item = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed());
    const tricky = fc.constantFrom('', 'NULL', 'null', '{}', '"', '\\', 'a,b', '{"a":"\\n"}', 'tab\tand\nline');
    const texts = fc.array(fc.option(fc.oneof(item, tricky)), { minLength: 1, maxLength: 20 });
    const check = fc.asyncProperty(texts, fc.array(fc.option(fc.maxSafeInteger())), async (some, numbers) => {
      const sent = [arrayText(some), arrayText(numbers)];
      const { rows } = await client.query<{ a: unknown; b: unknown }>(
        'SELECT to_json($1::text[]) a, to_json($2::bigint[]) b',
        sent,
      );
      assert.deepEqual(rows, [{ a: some, b: numbers }]);
    });
    await fc.assert(check, { numRuns: 200 });
  } finally {
    await client.end();
  }
});
