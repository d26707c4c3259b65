import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { database, type Store } from 'flotilla/store';
import { type Deed, ForgetfulDisk, recordingProblem, seededRandom } from 'flotilla/testing';
import { Client } from 'pg';
import { createServerData, type ServerData, type Settings } from '../../test/traced-server.ts';
import { postgresDriver } from '../index.ts';
import { noPrivatePostgres } from '../testing/index.ts';

const COMMITS = 60;
const SERVICE = 'ledger';
const LOG = 'pg_wal';
const CONTROL = 'global/pg_control';

suite(
  'the power of a server is cut, and its disk forgets what was not synced',
  { skip: noPrivatePostgres || recordingProblem() },
  () => {
    test('no acknowledged commit is lost', async (context) => {
      const { acknowledged, losses } = await cutThePower(5, {});
      context.diagnostic(`up to ${acknowledged} commits acknowledged`);
      assert.deepEqual(losses, []);
    });

    test('a server with synchronous_commit = off loses what it acknowledged', async () => {
      const { losses } = await cutThePower(1, { synchronous_commit: 'off', wal_writer_delay: '10s' });
      assert.match(losses.join('\n'), /are lost/);
    });
  },
);

/** Lets a server commit, then cuts its power at moments spread over its work, and looks each time at what a restart finds. */
async function cutThePower(cuts: number, settings: Settings): Promise<{ acknowledged: number; losses: string[] }> {
  await using data = await createServerData();
  await data.settle(() => withStore(data.url, async () => undefined));
  await using before = await data.copy();
  const deeds = await data.record(settings, () => withStore(data.url, (store) => commitAll(store, data.url)));

  const disk = new ForgetfulDisk(await filesThatCount(before.folder));
  const random = seededRandom(1);
  const acknowledged: string[] = [];
  const losses: string[] = [];
  const first = deeds.findIndex((deed) => idsIn(deed).length > 0);
  const moments = Array.from({ length: cuts }, (_, cut) => first + Math.floor(((cut + 1) * (deeds.length - first)) / cuts) - 1);
  for (const [index, deed] of deeds.entries()) {
    if (!('path' in deed) || counts(deed.path)) disk.apply(deed);
    else assert.ok(deed.kind !== 'sync' || !deed.path.startsWith('base/'), 'no checkpoint was under way');
    acknowledged.push(...idsIn(deed));
    if (!moments.includes(index)) continue;
    const kept = await idsAfter(before, disk.cut(random));
    const lost = acknowledged.filter((id) => !kept.has(id));
    const moment = `after ${index + 1} of ${deeds.length} deeds`;
    if (lost.length > 0) losses.push(`${moment} ${lost.length} commits are lost, ${lost[0]} first`);
  }
  return { acknowledged: acknowledged.length, losses };
}

async function withStore(url: string, work: (store: Store) => Promise<void>): Promise<void> {
  await using driver = postgresDriver({ url, runtime: systemRuntime, wakeUps: false });
  await work(await driver.open(SERVICE, database({})));
}

/** Has the server itself say what its client was told, so that it stands in the record where it belongs. */
async function commitAll(store: Store, url: string): Promise<void> {
  const witness = new Client({ connectionString: url });
  await witness.connect();
  for (let number = 1; number <= COMMITS; number += 1) {
    const id = String(number);
    const event = { type: 'Written', schemaVersion: 1, id, data: null, meta: { correlationId: id }, at: number };
    await store.transact((tx) => tx.events.append({ events: [event] }));
    await witness.query(`SELECT 'committed ' || $1`, [id]);
  }
  await witness.end();
}

function idsIn(deed: Deed): string[] {
  return deed.kind === 'say' ? Array.from(deed.text.matchAll(/committed (\d+)/g), ([, id]) => id!) : [];
}

/** All else is written at checkpoints only, and none is under way. */
function counts(path: string): boolean {
  return path === CONTROL || path.startsWith(`${LOG}/`);
}

async function filesThatCount(folder: string): Promise<Map<string, Buffer>> {
  const log = (await readdir(join(folder, LOG), { withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = [CONTROL, ...log.map(({ name }) => `${LOG}/${name}`)];
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** What a restart finds. */
async function idsAfter(before: ServerData, files: ReadonlyMap<string, Buffer>): Promise<Set<string>> {
  await using data = await before.copy(files);
  await using _server = await data.start();
  const client = new Client({ connectionString: `${data.url}_${SERVICE}` });
  await client.connect();
  const { rows } = await client.query<{ id: string }>('SELECT id FROM flotilla_events');
  await client.end();
  return new Set(rows.map(({ id }) => id));
}
