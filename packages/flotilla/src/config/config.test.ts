import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { z } from 'zod';
import type { Schema } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { type Config, type ConfigOptions, loadConfig } from './config.ts';

const Db = z.object({
  host: z.string().default('localhost'),
  port: z.int().min(1).max(65_535).default(5432),
  poolSize: z.int().default(10),
  password: z.string().optional(),
  replicas: z.array(z.string()).default([]),
  comment: z.string().nullable().optional(),
});
const Shop = z.object({ db: Db.prefault({}), currency: z.string().default('EUR') });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, `${name}.yaml`), text);
const load = <TSchema extends Schema = typeof Shop>(
  env: Record<string, string> = {},
  options: Partial<ConfigOptions<TSchema>> = {},
): Promise<Config<never>> =>
  loadConfig({ name: 'shop', schema: Shop, folder, runtime: { env }, ...options }) as Promise<Config<never>>;
const place = (name: string, line: number): string => `${placeOf(name)}:${line}`;
const placeOf = (name: string): string => {
  const fromHere = relative('', join(folder, `${name}.yaml`));
  return fromHere.startsWith('..') ? join(folder, `${name}.yaml`) : fromHere;
};

async function problemsOf(loading: Promise<unknown>): Promise<{ key: string; where?: string; message: string }[]> {
  const error = await loading.then(
    () => assert.fail('the configuration was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof FlotillaError, String(error));
  assert.equal(error.code, 'INVALID_CONFIG');
  return (error.details as { problems: { key: string; where?: string; message: string }[] }).problems;
}

test('command line beats environment beats local beats profiles beats base beats defaults', async () => {
  await write('base', 'db: {host: base, port: 1}\ncurrency: USD');
  await write('eu', 'currency: EUR\ndb: {host: eu, port: 2}');
  await write('prod', 'db: {host: prod, port: 3}');
  await write('local', 'db: {host: local, port: 4}');
  const layers = { profiles: ['eu', 'prod'], defaults: { db: { host: 'defaults', poolSize: 7 } } };
  const env = { SHOP__DB__HOST: 'environment', SHOP__DB__PORT: '5' };
  const config = await load(env, { ...layers, args: { 'db.host': 'arguments' } });
  assert.deepEqual(config.value, { db: { host: 'arguments', port: 5, poolSize: 7, replicas: [] }, currency: 'EUR' });
  assert.deepEqual(config.explain('db.host'), {
    key: 'db.host',
    value: 'arguments',
    source: 'command line',
    where: '--set db.host',
    overridden: [
      { value: 'environment', source: 'environment', where: 'SHOP__DB__HOST' },
      { value: 'local', source: 'file', where: place('local', 1) },
      { value: 'prod', source: 'file', where: place('prod', 1) },
      { value: 'eu', source: 'file', where: place('eu', 2) },
      { value: 'base', source: 'file', where: place('base', 1) },
      { value: 'defaults', source: 'default', where: 'defaults' },
    ],
  });
});

test('without any source the defaults of the schema apply and are explained', async () => {
  const config = await load();
  assert.deepEqual(config.value, { db: { host: 'localhost', port: 5432, poolSize: 10, replicas: [] }, currency: 'EUR' });
  const explained = config.explain('db.poolSize');
  assert.deepEqual(explained, { key: 'db.poolSize', value: 10, source: 'default', where: 'schema', overridden: [] });
  assert.equal(config.explain('db.nothing'), undefined);
});

test('what was validated is frozen to the ground', async () => {
  const config = (await load()) as Config<{ db: { replicas: string[] } }>;
  assert.throws(() => (config.value.db.replicas = []), TypeError);
  assert.throws(() => config.value.db.replicas.push('x'), TypeError);
});

test('environment variables find their key whatever its spelling, and get the declared type', async () => {
  const section = z.object({ maxLines: z.int(), code: z.string(), 'time-zone': z.string(), snake_case: z.boolean() });
  const config = await load(
    {
      SHOP__SERVICES__ORDER_HISTORY__MAX_LINES: '5',
      SHOP__SERVICES__ORDER_HISTORY__CODE: '007',
      SHOP__services__orderHistory__timeZone: 'UTC',
      SHOP__SERVICES__ORDER_HISTORY__SNAKE_CASE: 'true',
      SHOPPING__DB: 'of somebody else',
      SHOP_DB_HOST: 'one underscore',
    },
    { sections: { 'services.order-history': section } },
  );
  assert.deepEqual(config.section('services.order-history', section), {
    maxLines: 5,
    code: '007',
    'time-zone': 'UTC',
    snake_case: true,
  });
});

test('text is never guessed where no schema says what it is', async () => {
  const config = await loadConfig({ name: 'shop', runtime: { env: { SHOP__LIMITS__MAX_LINES: '5', SHOP__ON: 'true' } } });
  assert.deepEqual(JSON.parse(JSON.stringify(config.value)), { limits: { maxLines: '5' }, on: 'true' });
});

test('a variable with a name of its own sets its key, and beats the one whose name follows from the key', async () => {
  const env = { SHOP__DB__HOST: 'derived', DATABASE_HOST: 'own', ABSENT: undefined };
  const variables = { DATABASE_HOST: 'db.host', ABSENT: 'currency' };
  const config = await loadConfig({ name: 'shop', schema: Shop, variables, runtime: { env } });
  const { value, where, overridden } = config.explain('db.host')!;
  assert.deepEqual([value, where, overridden.map((one) => one.where)], ['own', 'DATABASE_HOST', ['SHOP__DB__HOST']]);
  assert.equal(config.value.currency, 'EUR');
});

test('lists replace as a whole; from the environment they come with commas', async () => {
  await write('base', 'db:\n  replicas: [a, b, c]');
  await write('local', 'db:\n  replicas: [d]');
  assert.deepEqual((await load()).explain('db.replicas')?.value, ['d']);
  const config = await load({ SHOP__DB__REPLICAS: 'x,y' });
  assert.deepEqual(config.explain('db.replicas')?.value, ['x', 'y']);
});

test('null clears what weaker sources said, a whole object as well', async () => {
  await write('base', 'db: {host: base, comment: hello}\ncurrency: USD');
  await write('local', 'db: {host: ~, comment: null}\ncurrency: null');
  assert.deepEqual((await load()).value, {
    db: { host: 'localhost', port: 5432, poolSize: 10, replicas: [], comment: null },
    currency: 'EUR',
  });
  await write('local', 'db: null');
  const config = (await load({ SHOP__DB__PORT: '9' })) as Config<{ db: { host: string; port: number } }>;
  assert.equal(config.value.db.host, 'localhost');
  assert.equal(config.value.db.port, 9);
});

test('a type conflict between two sources names both', async () => {
  await write('base', 'currency: EUR\ndb:\n  replicas: [a]');
  await write('local', 'currency:\n  code: EUR\ndb: 5');
  const problems = await problemsOf(load({}, { schema: z.looseObject({}) as never }));
  assert.deepEqual(problems, [
    { key: 'currency', where: place('local', 2), message: `is an object here but a single value in ${place('base', 1)}` },
    { key: 'db', where: place('local', 3), message: `is a single value here but an object in ${place('base', 3)}` },
  ]);
});

test('every problem of every source is listed with its place', async () => {
  await write('base', 'db:\n  prot: 5\n  port: 0\n  host: ${NOT_SET}\n');
  await write('prod', 'currency: [\n');
  const problems = await problemsOf(
    load({ SHOP__DB__POOL_SIZE: 'many', SHOP__CURENCY: 'x' }, { profiles: ['prod'], args: { 'db.hots': 'x' } }),
  );
  const found = problems.map(({ where, key, message }) => `${where} ${key} ${message}`);
  const expected = [
    new RegExp(
      `${place('base', 4)} db\\.host the environment variable NOT_SET is not set; set it, or write \\$\\{NOT_SET:default\\}`,
    ),
    new RegExp(`${place('base', 2)} db\\.prot is not a setting; did you mean 'port'\\?`),
    new RegExp(`${place('prod', 2)}`),
    /SHOP__CURENCY CURENCY is not a setting; did you mean 'currency'\?/,
    /--set db\.hots db\.hots is not a setting; did you mean 'host'\?/,
    new RegExp(`${place('base', 3)} db\\.port .*>=1`),
    /SHOP__DB__POOL_SIZE db\.poolSize .*expected number/,
  ];
  assert.equal(found.length, expected.length, found.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(found[index]!, pattern);
});

test('a required setting that nobody sets says how to set it', async () => {
  const [problem] = await problemsOf(load({}, { sections: { payments: z.object({ apiKey: z.string() }) } }));
  assert.equal(problem?.key, 'payments.apiKey');
  assert.match(problem.message, /set it in a file or as SHOP__PAYMENTS__API_KEY/);
});

test('a problem inside a list points at the list', async () => {
  await write('base', 'db:\n  host: a\n  replicas:\n    - a\n    - 5');
  const [problem] = await problemsOf(load());
  assert.equal(problem?.key, 'db.replicas.1');
  assert.equal(problem.where, place('base', 3));
});

test('placeholders are filled in one pass and typed by the schema', async () => {
  await write(
    'base',
    [
      'db:',
      '  host: db.${REGION:eu}.example',
      '  port: ${PORT:5432}',
      '  password: "${PASSWORD}"',
      '  comment: costs $${PRICE}',
      '  replicas: ["${ONE:}", "b"]',
    ].join('\n'),
  );
  const { value } = (await load({ PORT: '99', PASSWORD: '${REGION}' })) as Config<unknown>;
  assert.deepEqual(value, {
    db: { host: 'db.eu.example', port: 99, password: '${REGION}', comment: 'costs ${PRICE}', poolSize: 10, replicas: ['', 'b'] },
    currency: 'EUR',
  });
});

test('a broken placeholder is a problem with its place', async () => {
  await write('base', 'currency: a${b.c}\ndb:\n  host: ${OPEN\n');
  const problems = await problemsOf(load({ OPEN: 'x' }));
  assert.deepEqual(
    problems.map(({ where, key }) => [where, key]),
    [
      [place('base', 1), 'currency'],
      [place('base', 3), 'db.host'],
    ],
  );
});

test('prototype keys are errors from every source', async () => {
  const sources: [string, Partial<ConfigOptions<never>>, Record<string, string>][] = [
    ['environment', {}, { SHOP____PROTO____X: '1' }],
    ['environment, spelled out', {}, { SHOP__CONSTRUCTOR__PROTOTYPE__X: '1' }],
    ['arguments', { args: { '__proto__.x': '1' } }, {}],
    ['arguments, deeper', { args: { 'db.constructor.prototype.x': '1' } }, {}],
    ['defaults', { defaults: JSON.parse('{"db":{"__proto__":{"x":1}}}') as Record<string, unknown> }, {}],
  ];
  for (const [source, options, env] of sources) {
    const problems = await problemsOf(load(env, { schema: z.looseObject({}) as never, ...options }));
    assert.match(problems[0]!.message, /not allowed/, source);
  }
  for (const text of [
    '__proto__: {x: 1}',
    'constructor: {prototype: {x: 1}}',
    'a: &a {x: 1}\n<<: *a',
    '{"__proto__": {"x": 1}}',
  ]) {
    await write('base', text);
    await problemsOf(load({}, { schema: z.looseObject({}) as never }));
  }
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test('a profile that does not exist is an error, and a profile is only a name', async () => {
  const [missing] = await problemsOf(load({}, { profiles: ['prod'] }));
  assert.match(missing!.message, /there is no .*prod\.yaml for the profile 'prod'/);
  for (const profile of ['../base', '-x', 'a/b', '']) await problemsOf(load({}, { profiles: [profile] }));
});

test('secrets are redacted wherever they are explained, and only there', async () => {
  const Secrets = z.object({
    jwt: z.object({ signingKey: z.string(), tokenLifetime: z.string(), publicKey: z.string() }),
    pin: z.string().meta({ secret: true }),
    url: z.string(),
    db_password: z.string(),
  });
  await write(
    'base',
    'jwt: {signingKey: s3cret, tokenLifetime: 1h, publicKey: pk}\npin: s3cret\ndb_password: s3cret\nurl: postgres://shop:s3cret@db/shop',
  );
  const config = await load({ SHOP__PIN: 's3cret2' }, { schema: Secrets as never });
  const shown = Object.fromEntries(config.explainAll().map(({ key, value }) => [key, value]));
  assert.deepEqual(shown, {
    db_password: '[secret]',
    'jwt.publicKey': 'pk',
    'jwt.signingKey': '[secret]',
    'jwt.tokenLifetime': '1h',
    pin: '[secret]',
    url: 'postgres://shop:[secret]@db/shop',
  });
  assert.ok(!JSON.stringify(config.explainAll()).includes('s3cret'));
  assert.equal((config.value as { pin: string }).pin, 's3cret2');
});

test('a key is explained by any of its spellings, a part of the configuration as a list', async () => {
  const config = await load({ SHOP__DB__POOL_SIZE: '3' });
  assert.equal(config.explain('db.pool-size')?.value, 3);
  assert.deepEqual(
    config.explainAll('db').map(({ key }) => key),
    ['db.host', 'db.poolSize', 'db.port', 'db.replicas'],
  );
});

test('a section is validated and typed where it is used', async () => {
  await write('base', 'services:\n  orders:\n    maxLines: 5');
  const config = await loadConfig({ name: 'shop', folder, runtime: { env: {} } });
  const { maxLines } = config.section('services.orders', z.object({ maxLines: z.int() }));
  assert.equal(maxLines, 5);
  assert.throws(() => config.section('services.orders', z.object({ maxLines: z.string() })), { code: 'INVALID_CONFIG' });
  assert.deepEqual(config.section('services.nobody', z.object({ a: z.int().default(1) })), { a: 1 });
});

test('a file that holds no keys is a problem, an empty or absent one is not', async () => {
  await write('base', '# nothing yet');
  await load();
  await write('base', '- a list');
  const [problem] = await problemsOf(load());
  assert.match(problem!.message, /must hold keys and values/);
});
