import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { database, type Store, type Transaction, type TransactOptions } from '../../store/index.ts';
import { silentLogger as log } from '../../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore, until, withMethods } from '../../testing/index.ts';
import { createLeadership, type Lead, type Leadership } from '../index.ts';
import { officeClock } from '../test/office-clock.ts';

interface Tables {
  writes: { id?: number; fence: number; node: string };
}

const tables = database<Tables>({
  '001 writes': async (db) => {
    const table = db.schema.createTable('writes').addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement());
    await table.addColumn('fence', 'integer').addColumn('node', 'text').execute();
  },
});

/** Several machines, one time, one database with a clock of its own. */
async function world(nodes: readonly string[]) {
  await using stack = new AsyncDisposableStack();
  const { clock, random } = createFakeRuntime();
  const database = createFakeRuntime();
  const { store } = stack.use(await openTemporaryStore({ runtime: database, database: tables }));
  const terms: { node: string; lead: Lead<Tables> }[] = [];
  const place = (node: string) => {
    const machine = officeClock(clock);
    const own = { away: false };
    // A network between this machine and the database.
    const reached: Store<Tables> = withMethods(store, {
      async transact<TResult>(work: (tx: Transaction<Tables>) => TResult | Promise<TResult>, options?: TransactOptions) {
        if (own.away) throw new Error('away');
        return await store.transact(work, options);
      },
    });
    const leadership = createLeadership({
      name: 'report',
      store: reached,
      owner: node,
      work: async (lead) => {
        terms.push({ node, lead });
        for (;;) await lead.pause('1s');
      },
      runtime: { clock: machine, random },
      log,
    });
    return { node, machine, own, leadership };
  };
  const all = new Map(nodes.map((node) => [node, place(node)]));
  for (const { leadership } of all.values()) stack.defer(() => end(leadership));
  const settle = async (): Promise<void> => await store.check(new AbortController().signal);
  const advance = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 250) {
      await database.clock.advance(Math.min(left, 250));
      await clock.advance(Math.min(left, 250));
      await settle();
      await settle();
    }
  };
  /** Time goes on while somebody winds up. */
  const end = async (leadership: Leadership): Promise<void> => {
    let isOver = false;
    const ending = Promise.resolve(leadership[Symbol.asyncDispose]()).finally(() => (isOver = true));
    await until(async () => {
      if (!isOver) await clock.advance(500);
      return isOver;
    });
    await ending;
  };
  const opened = stack.move();
  return {
    clock,
    database: database.clock,
    store,
    terms,
    node: (name: string) => all.get(name)!,
    all: [...all.values()],
    leading: () => terms.filter(({ lead }) => !lead.signal.aborted).map(({ node }) => node),
    advance,
    end,
    [Symbol.asyncDispose]: async () => {
      for (const { machine, own } of all.values()) {
        own.away = false;
        machine.thaw();
      }
      await opened.disposeAsync();
    },
  };
}

suite('leadership', () => {
  test('of several one leads; when it stops in order, another follows at once, with a higher fence', async () => {
    await using at = await world(['a', 'b', 'c']);
    for (const { leadership } of at.all) leadership.start();
    await at.advance(20_000);
    assert.equal(at.leading().length, 1);
    const [first] = at.terms;
    await at.end(at.node(first!.node).leadership);
    assert.equal(first!.lead.signal.aborted, true);
    await at.advance(3_000);
    assert.equal(at.leading().length, 1);
    assert.ok(at.terms[1]!.lead.fence > first!.lead.fence);
  });

  test('whoever dies is followed within its lease, and not before', async () => {
    await using at = await world(['a', 'b']);
    at.node('a').leadership.start();
    await at.advance(1_000);
    at.node('b').leadership.start();
    at.node('a').machine.freeze();
    await at.advance(13_000);
    assert.deepEqual(
      at.terms.map(({ node }) => node),
      ['a'],
    );
    await at.advance(6_000);
    assert.deepEqual(
      at.terms.map(({ node }) => node),
      ['a', 'b'],
    );
  });

  test('whoever can renew no more steps down ten seconds after it last asked: before anybody else can lead', async () => {
    await using at = await world(['a', 'b']);
    at.node('a').leadership.start();
    await at.advance(1_000);
    at.node('b').leadership.start();
    at.node('a').own.away = true;
    await at.advance(8_750);
    assert.equal(at.terms[0]!.lead.signal.aborted, false);
    await at.advance(500);
    assert.equal(at.terms[0]!.lead.signal.aborted, true);
    assert.deepEqual(at.leading(), []);
    await at.advance(8_000);
    assert.deepEqual(at.leading(), ['b']);
  });

  test('a store that is away for a moment costs nobody the lead', async () => {
    await using at = await world(['a', 'b']);
    at.node('a').leadership.start();
    await at.advance(1_000);
    at.node('b').leadership.start();
    for (let round = 0; round < 4; round += 1) {
      at.node('a').own.away = true;
      await at.advance(6_000);
      at.node('a').own.away = false;
      await at.advance(6_000);
    }
    assert.equal(at.terms.length, 1);
    assert.deepEqual(at.leading(), ['a']);
  });

  test('a machine that stood still for longer than its lease writes nothing under it, and learns that it is over', async () => {
    await using at = await world(['a', 'b']);
    at.node('a').leadership.start();
    await at.advance(1_000);
    at.node('b').leadership.start();
    at.node('a').machine.freeze();
    await at.advance(20_000);
    const [old, young] = at.terms;
    const write = ({ lead, node }: (typeof at.terms)[number]): Promise<unknown> =>
      lead.transact((tx) => tx.db.insertInto('writes').values({ fence: lead.fence, node }).execute());
    await write(young!);
    // Nothing has told it yet; the fence does.
    assert.equal(old!.lead.signal.aborted, false);
    await assert.rejects(write(old!), { code: 'LEADERSHIP_LOST' });
    assert.equal(old!.lead.signal.aborted, true);
    at.node('a').machine.thaw();
    await at.advance(1_000);
    assert.deepEqual(await at.store.reader.selectFrom('writes').select('node').execute(), [{ node: 'b' }]);
    assert.deepEqual(at.leading(), ['b']);
  });

  test('work that winds up slowly keeps the lease until it is done', async () => {
    await using at = await world(['b']);
    const { promise: wound, resolve: windUp } = Promise.withResolvers<void>();
    let began = false;
    const slow = createLeadership({
      name: 'report',
      store: at.store,
      owner: 'slow',
      work: async () => {
        began = true;
        await wound;
      },
      runtime: { clock: at.clock, random: createFakeRuntime().random },
      log,
    });
    slow.start();
    await until(() => began);
    at.node('b').leadership.start();
    const ending = slow[Symbol.asyncDispose]();
    await at.advance(9_000);
    assert.deepEqual(at.terms, []);
    windUp();
    await ending;
    await at.advance(3_500);
    assert.deepEqual(at.leading(), ['b']);
  });

  test('work that fails gives the lead up and is tried again, ever more slowly; health says so', async () => {
    await using at = await world([]);
    let runs = 0;
    const work = (): Promise<never> => Promise.reject(new Error(`number ${++runs}`));
    const { random } = createFakeRuntime();
    const failing = createLeadership({ name: 'x', store: at.store, owner: 'a', work, runtime: { clock: at.clock, random }, log });
    failing.start();
    await at.advance(60_000);
    assert.ok(runs >= 3 && runs <= 6, String(runs));
    assert.deepEqual(failing.health(), { status: 'DEGRADED', reason: `'x' failed here: number ${runs}` });
    assert.equal(failing.standing().term, undefined);
    await failing[Symbol.asyncDispose]();
  });
});

type Act =
  | { kind: 'freeze' | 'thaw' | 'away' | 'back'; node: 'a' | 'b' | 'c' }
  | { kind: 'wait'; ms: number }
  | { kind: 'step'; ms: number };

const node = fc.constantFrom('a', 'b', 'c') as fc.Arbitrary<'a' | 'b' | 'c'>;
const acts = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('freeze', 'thaw', 'away', 'back') as fc.Arbitrary<'freeze'>, node }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 24 }).map((quarters) => quarters * 1_000) }),
    fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
  ),
  { maxLength: 14 },
) as fc.Arbitrary<Act[]>;

test('whatever stands still, is cut off or sets the database clock: no write with a lower fence follows a higher one', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (story) => {
      await using at = await world(['a', 'b', 'c']);
      for (const { leadership } of at.all) leadership.start();
      const everybodyWrites = async (): Promise<void> => {
        // Those who stand still too: their last write may be on its way.
        const tries = at.terms.map(({ lead, node: name }) =>
          lead.transact((tx) => tx.db.insertInto('writes').values({ fence: lead.fence, node: name }).execute()),
        );
        await Promise.allSettled(tries);
      };
      for (const act of story) {
        if (act.kind === 'wait') await at.advance(act.ms);
        else if (act.kind === 'step') at.database.step(act.ms);
        else if (act.kind === 'freeze' || act.kind === 'thaw') at.node(act.node).machine[act.kind]();
        else at.node(act.node).own.away = act.kind === 'away';
        await everybodyWrites();
      }
      const rows = await at.store.reader.selectFrom('writes').select(['fence', 'node']).orderBy('id').execute();
      const fences = rows.map(({ fence }) => fence);
      assert.deepEqual(
        fences,
        fences.toSorted((left, right) => left - right),
      );
      assert.equal(new Set(rows.map(({ fence, node: name }) => `${fence} ${name}`)).size, new Set(fences).size);
    }),
    { numRuns: 40 },
  );
});

test('as long as no clock is set, nobody leads while another does, but for one who stands still', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (story) => {
      await using at = await world(['a', 'b', 'c']);
      for (const { leadership } of at.all) leadership.start();
      const frozen = new Set<string>();
      for (const act of story) {
        if (act.kind === 'wait') {
          for (let left = act.ms; left > 0; left -= 1_000) {
            await at.advance(1_000);
            const awake = at.leading().filter((name) => !frozen.has(name));
            assert.ok(awake.length <= 1, `${awake.join(' and ')} lead`);
          }
        } else if (act.kind === 'freeze' || act.kind === 'thaw') {
          at.node(act.node).machine[act.kind]();
          if (act.kind === 'freeze') frozen.add(act.node);
          else frozen.delete(act.node);
        } else if (act.kind !== 'step') at.node(act.node).own.away = act.kind === 'away';
      }
    }),
    { numRuns: 20 },
  );
});
