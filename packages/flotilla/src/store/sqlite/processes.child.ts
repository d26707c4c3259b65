import { systemRuntime } from '../../kernel/index.ts';
import { database } from '../index.ts';
import { sqliteDriver } from './index.ts';

/** A process of its own for tests: appends events, four at a time, and prints the id of each once it was acknowledged. */
const [folder, name, count] = process.argv.slice(2);
await using driver = sqliteDriver({ folder: folder!, runtime: systemRuntime });
const store = await driver.open('shared', database({}));
let next = 0;

async function appendAll(): Promise<void> {
  while (next < Number(count)) {
    const id = `${name}-${next++}`;
    await store.transact(async (tx) => {
      const stream = await tx.events.readStream('shared');
      await tx.events.append({
        stream: 'shared',
        expectedVersion: stream.length,
        events: [{ type: 'Written', schemaVersion: 1, id, data: {}, meta: { correlationId: id }, at: 0 }],
      });
    });
    console.log(id);
  }
}

await Promise.all(Array.from({ length: 4 }, appendAll));
