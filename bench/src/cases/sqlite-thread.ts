import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { defineCase, type Figures } from '../case.ts';

const STATEMENTS = 5_000;
const QUERY = 'SELECT ? + 1 AS value';

/** What it would cost to keep the database in a worker thread: one message there and back for each statement. */
export const sqliteThread = defineCase({
  name: 'sqlite-thread',
  title: 'the same trivial statement on the main thread and through a worker thread, one after another and 64 at once',
  async open() {
    const db = new DatabaseSync(':memory:');
    const worker = new Worker(new URL(import.meta.url));
    return {
      round: async () => ({
        own: { ...here(db), workerUs: await there(worker, 1), workerUsWith64AtOnce: await there(worker, 64) },
      }),
      async [Symbol.asyncDispose]() {
        db.close();
        await worker.terminate();
      },
    };
  },
});

function here(db: DatabaseSync): Figures {
  const statement = db.prepare(QUERY);
  const start = performance.now();
  for (let count = 0; count < STATEMENTS; count += 1) statement.get(count);
  return { mainThreadUs: perStatement(start) };
}

async function there(worker: Worker, inFlight: number): Promise<number> {
  const start = performance.now();
  for (let count = 0; count < STATEMENTS; count += inFlight) {
    for (let next = 0; next < inFlight; next += 1) worker.postMessage(count);
    for (let next = 0; next < inFlight; next += 1) await once(worker, 'message');
  }
  return perStatement(start);
}

const perStatement = (start: number): number => ((performance.now() - start) * 1_000) / STATEMENTS;

if (!isMainThread && parentPort) {
  const port = parentPort;
  const statement = new DatabaseSync(':memory:').prepare(QUERY);
  port.on('message', (count: number) => port.postMessage(statement.get(count)));
}
