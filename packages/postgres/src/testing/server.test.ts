import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { Client } from 'pg';
import { sleep, systemClock } from 'flotilla/kernel';
import { until } from 'flotilla/testing';
import { noPrivatePostgres, startPostgres } from './index.ts';

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

describe('a private PostgreSQL server', { skip: noPrivatePostgres }, () => {
  test('keeps what was committed through every way to end it, and leaves nothing behind', async () => {
    const server = await startPostgres();
    const [{ folder }] = (await ask(server.url, `SELECT current_setting('data_directory') AS folder`)) as [{ folder: string }];
    await ask(server.url, 'CREATE TABLE kept (what text)');
    for (const end of [() => server.stop('fast'), () => server.stop('immediate'), () => server.kill()]) {
      await ask(server.url, `INSERT INTO kept VALUES ('${end.name}')`);
      await end();
      await assert.rejects(ask(server.url, 'SELECT 1'), { code: 'ECONNREFUSED' });
      await server.restart();
    }
    assert.equal((await ask(server.url, 'SELECT * FROM kept')).length, 3);
    await server[Symbol.asyncDispose]();
    assert.equal(existsSync(folder), false);
  });

  test('stands still with every session it has, and goes on where it was', async () => {
    await using server = await startPostgres();
    await using sessions = new AsyncDisposableStack();
    const clients = [new Client({ connectionString: server.url }), new Client({ connectionString: server.url })];
    for (const client of clients) {
      await client.connect();
      sessions.defer(() => client.end());
    }
    server.pause();
    let answers = 0;
    const asked = clients.map((client) => client.query('SELECT 1').then(() => (answers += 1)));
    await sleep(systemClock, 300);
    assert.equal(answers, 0);
    server.resume();
    await Promise.all(asked);
  });

  test('does not outlive a process that was killed', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'server.child.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url, folder } = JSON.parse(line) as { url: string; folder: string };
    assert.equal(existsSync(folder), true);
    child.kill('SIGKILL');
    await until(() => !existsSync(folder));
    await assert.rejects(ask(url, 'SELECT 1'), { code: 'ECONNREFUSED' });
  });

  test('commits durably unless told otherwise', async () => {
    await using durable = await startPostgres();
    assert.deepEqual(await ask(durable.url, 'SHOW fsync'), [{ fsync: 'on' }]);
    await using fast = await startPostgres({ settings: { fsync: 'off' } });
    assert.deepEqual(await ask(fast.url, 'SHOW fsync'), [{ fsync: 'off' }]);
  });
});
