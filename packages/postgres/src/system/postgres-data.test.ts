import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { database } from 'flotilla/store';
import type { DataPlace, Site } from 'flotilla/system';
import { type Logger, silentLogger } from 'flotilla/telemetry';
import { until } from 'flotilla/testing';
import { freshDatabase, noPrivatePostgres, type PostgresServer, startPostgres } from '../testing/index.ts';
import { postgresData } from './postgres-data.ts';

suite('the data of a system in PostgreSQL', { skip: noPrivatePostgres }, () => {
  let started: Promise<PostgresServer> | undefined;
  const server = (): Promise<PostgresServer> => (started ??= startPostgres());
  after(async () => await (await started)?.[Symbol.asyncDispose]());

  const AWAY = 'the database is away; waiting until it is there';
  const told: string[] = [];
  const log: Logger = { ...silentLogger, warn: (_fields, message) => void told.push(message) };
  const open = (url: string, more: Partial<Site> = {}): Promise<DataPlace> => {
    const signal = new AbortController().signal;
    return postgresData({ url })({ system: 'shop', dataFolder: '.', shared: true, signal, runtime, log, ...more });
  };

  test('parts that start together make what they share once', async () => {
    await using at = freshDatabase((await server()).url, 'together');
    const places = await Promise.all(Array.from({ length: 6 }, () => open(at.url)));
    await Promise.all(places.map(({ registry }) => registry!.list()));
    const seals = await Promise.all(places.map(({ seal }, index) => seal!(`imprint ${index}`)));
    assert.equal(new Set(seals).size, 1);
    await Promise.all(places.map((place) => place[Symbol.asyncDispose]()));
  });

  test('a database of another system is refused', async () => {
    await using at = freshDatabase((await server()).url, 'foreign');
    await (await open(at.url))[Symbol.asyncDispose]();
    await assert.rejects(open(at.url, { system: 'bank' }), { code: 'DATA_FOREIGN', message: /the system 'shop', not of 'bank'/ });
  });

  test('a server that goes away between one opening and the next is waited for', async () => {
    const postgres = await server();
    await using at = freshDatabase(postgres.url, 'between');
    await using place = await open(at.url);
    await postgres.stop('immediate');
    told.length = 0;
    const opening = place.driver.open('orders', database({}));
    await until(() => told.includes(AWAY));
    await postgres.restart();
    assert.equal((await opening).service, 'orders');
  });

  test('whoever waits in vain can stop waiting', async () => {
    const postgres = await server();
    await postgres.stop('immediate');
    const given = new AbortController();
    const opening = open(postgres.url, { signal: given.signal });
    given.abort(new Error('enough'));
    await assert.rejects(opening, { code: 'CANCELLED' });
    await postgres.restart();
  });
});
