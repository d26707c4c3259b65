import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import type { EventsOf } from '../log/index.ts';
import { directBus } from '../messaging/index.ts';
import { database } from '../store/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { openTemporaryStore, until } from '../testing/index.ts';
import { createHost, type LeadContext, service, type ServiceHost } from './index.ts';

const office = contract('office', {
  version: '1.0.0',
  team: 'office',
  events: { Counted: { version: 1, schema: z.object({ by: z.int() }) } },
});
interface Tables {
  counts: { fence: number };
}
const tables = database<Tables>({
  '001 counts': async (db) => void (await db.schema.createTable('counts').addColumn('fence', 'integer').execute()),
});
type Context = LeadContext<Tables, EventsOf<typeof office>, Record<never, never>, undefined>;

/** Two instances of a service over one database; each term is noted and does what the test says. */
async function openOffice(work: (context: Context) => Promise<unknown>) {
  await using stack = new AsyncDisposableStack();
  const terms: Context[] = [];
  const definition = service(office, {
    database: tables,
    handlers: {},
  }).leader('count', async (context) => {
    terms.push(context);
    await work(context);
  });
  const { store } = stack.use(await openTemporaryStore({ service: 'office', database: definition.database }));
  const call = (): Promise<never> => Promise.reject(new Error('there are no other services'));
  const bus = stack.use(directBus({ subscribers: new Map(), call, runtime: systemRuntime }));
  const shared = { definition, store, call, bus, runtime: systemRuntime, log: silentLogger, config: undefined, secret: 'hush' };
  const [first, second] = ['one', 'two'].map((owner) => createHost({ ...shared, owner })) as [ServiceHost, ServiceHost];
  for (const host of [first, second]) stack.defer(() => host.stop());
  const opened = stack.move();
  return { store, first, second, terms, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const untilOver = (context: Context): Promise<unknown> => context.pause('1h');

test('one instance does the work; when it stops, another goes on with a higher fence', async () => {
  await using at = await openOffice(untilOver);
  at.first.start();
  await until(() => at.terms.length === 1);
  at.second.start();
  await at.first.stop();
  assert.equal(at.terms[0]!.signal.aborted, true);
  await until(() => at.terms.length === 2);
  assert.ok(at.terms[1]!.fence > at.terms[0]!.fence);
  assert.deepEqual((await at.second.health()).components?.['leaders']?.status, 'UP');
});

test('what a leader writes and emits commits together, and not at all once another leads', async () => {
  await using at = await openOffice(untilOver);
  at.first.start();
  await until(() => at.terms.length === 1);
  const count = ({ fence, transact }: Context): Promise<void> =>
    transact(async ({ db, emit }) => {
      await db.insertInto('counts').values({ fence }).execute();
      emit('Counted', { by: fence });
    });
  const [old] = at.terms;
  await count(old!);
  // Somebody else took over, and nobody has told this one.
  await at.store.transact(async ({ leases }) => {
    await leases.release({ name: 'leader:count', owner: 'one', fence: old!.fence });
    await leases.acquire('leader:count', 'another', 15_000);
  });
  await assert.rejects(count(old!), { code: 'LEADERSHIP_LOST' });
  assert.equal(old!.signal.aborted, true);
  assert.deepEqual(await old!.db.selectFrom('counts').select('fence').execute(), [{ fence: old!.fence }]);
  const events = await at.store.events.read({ after: 0, limit: 10 });
  assert.deepEqual(
    events.map(({ type, data, meta }) => ({ type, data, actor: meta.actor })),
    [{ type: 'Counted', data: { by: old!.fence }, actor: 'leader:count' }],
  );
});
