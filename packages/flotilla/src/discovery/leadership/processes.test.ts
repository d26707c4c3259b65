import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime as runtime } from '../../kernel/index.ts';
import { database } from '../../store/index.ts';
import { sqliteDriver } from '../../store/sqlite/index.ts';
import { leaderSuite } from '../../testing/index.ts';

leaderSuite({
  name: 'SQLite',
  script: join(import.meta.dirname, '../test/candidate.ts'),
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-leaders-'));
    const driver = sqliteDriver({ folder, runtime });
    return {
      store: await driver.open('suite', database({})),
      args: [folder],
      async [Symbol.asyncDispose]() {
        await driver[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      },
    };
  },
});
