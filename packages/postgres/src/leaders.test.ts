import { join } from 'node:path';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { database } from 'flotilla/store';
import { leaderSuite } from 'flotilla/testing';
import { postgresDriver } from './index.ts';
import { usePostgres } from './testing/index.ts';

const postgres = usePostgres();

leaderSuite({
  name: 'PostgreSQL',
  skip: postgres.skip,
  hasClock: true,
  script: join(import.meta.dirname, 'test/candidate.ts'),
  async open() {
    const place = await postgres.freshDatabase();
    const driver = postgresDriver({ url: place.url, runtime });
    return {
      store: await driver.open('suite', database({})),
      args: [place.url],
      async [Symbol.asyncDispose]() {
        await driver[Symbol.asyncDispose]();
        await place[Symbol.asyncDispose]();
      },
    };
  },
});
