import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregate, createHistory, type Upcasters } from './index.ts';
import { tills, tillsAtWork } from './test/till.ts';

interface V1 {
  amount: number;
}
interface V2 {
  cents: number;
}
type TillEvent =
  | { type: 'Added'; data: { cents: number; currency: string } }
  | { type: 'TillClosed'; data: { sum: number } }
  | { type: 'Opened'; data: null };

const upcasters: Upcasters<TillEvent['type']> = {
  Added: {
    1: ({ amount }: V1): V2 => ({ cents: amount * 100 }),
    2: ({ cents }: V2) => ({ cents, currency: 'EUR' }),
  },
  TillClosed: { 1: (sum: number) => ({ sum }) },
};
const till = aggregate<string, TillEvent>('till', {
  initial: '',
  evolve: (text, { type, data }) => `${text}${type} ${type === 'Added' ? data.cents + data.currency : JSON.stringify(data)};`,
  upcasters,
});

type Tills = Awaited<ReturnType<typeof tillsAtWork>>;

async function store({ store: { events } }: Tills, event: { type: string; schemaVersion: number; data: unknown }) {
  const id = `${event.type}-${event.schemaVersion}`;
  await events.append({ stream: 'till:a', events: [{ ...event, id, meta: { correlationId: 'c' }, at: 1 }] });
}

test('events of every version are folded as if they had been written today', async () => {
  await using at = await tillsAtWork();
  await store(at, { type: 'Opened', schemaVersion: 1, data: null });
  await store(at, { type: 'Added', schemaVersion: 1, data: { amount: 5 } });
  await store(at, { type: 'Added', schemaVersion: 2, data: { cents: 70 } });
  await store(at, { type: 'Added', schemaVersion: 3, data: { cents: 9, currency: 'USD' } });
  await store(at, { type: 'TillClosed', schemaVersion: 1, data: 579 });
  const { state } = await at.load(till, 'a');
  assert.equal(state, 'Opened null;Added 500EUR;Added 70EUR;Added 9USD;TillClosed {"sum":579};');
});

test('new events carry the version that the upcasters lead to, or the one of the contract', async () => {
  await using at = await tillsAtWork();
  await at.change(till, 'a', () => [
    { type: 'Opened', data: null },
    { type: 'Added', data: { cents: 1, currency: 'EUR' } },
    { type: 'TillClosed', data: { sum: 1 } },
  ]);
  const events = await at.store.events.readStream('till:a');
  assert.deepEqual(
    events.map(({ schemaVersion }) => schemaVersion),
    [1, 3, 2],
  );
});

test('a version that no upcaster knows stops the fold and names event and version', async () => {
  await using at = await tillsAtWork();
  await store(at, { type: 'Added', schemaVersion: 4, data: {} });
  const newer = { code: 'UNKNOWN_EVENT_VERSION', message: /version 4 of Added \(position 1, till:a\).*Newer code wrote it/ };
  await assert.rejects(at.load(till, 'a'), newer);
  await assert.rejects(createHistory({ reader: at.store.events, contract: tills }).of(till, 'a'), newer);
  await assert.rejects(
    at.change(till, 'a', () => [{ type: 'Opened', data: null }]),
    newer,
  );

  const forgetful = aggregate<number, TillEvent>('till', { initial: 0, evolve: (sum) => sum + 1 });
  await using other = await tillsAtWork();
  await store(other, { type: 'TillClosed', schemaVersion: 1, data: 3 });
  const older = { code: 'UNKNOWN_EVENT_VERSION', message: /version 1 of TillClosed.*upcasters from version 1 to 2/ };
  await assert.rejects(other.load(forgetful, 'a'), older);
});

test('history is read in the present schema, of one aggregate or of all', async () => {
  await using at = await tillsAtWork();
  await store(at, { type: 'Added', schemaVersion: 1, data: { amount: 5 } });
  await at.change(till, 'b', () => [{ type: 'Added', data: { cents: 7, currency: 'USD' } }]);
  await at.change({ ...till, name: 'tiller' }, 'c', () => [{ type: 'Opened', data: null }]);
  const history = createHistory({ reader: at.store.events, contract: tills });
  const [added] = await history.of(till, 'a');
  assert.deepEqual(added, {
    type: 'Added',
    data: { cents: 500, currency: 'EUR' },
    id: 'Added-1',
    position: 1,
    version: 1,
    at: 1,
    aggregateId: 'a',
  });
  const all = await history.ofAll(till, { after: 0, limit: 10 });
  assert.deepEqual(
    all.map(({ aggregateId, data }) => [aggregateId, data]),
    [
      ['a', { cents: 500, currency: 'EUR' }],
      ['b', { cents: 7, currency: 'USD' }],
    ],
  );
  assert.equal((await history.ofAll(till, { after: all[0]!.position, limit: 10 })).length, 1);
});

test('a chain with a hole is refused where it is declared', () => {
  const declare = (chain: Upcasters<'Opened'>) => () =>
    aggregate<number, TillEvent>('till', { initial: 0, evolve: (sum) => sum, upcasters: chain });
  assert.throws(declare({ Opened: { 1: () => null, 3: () => null } }), { code: 'INVALID_AGGREGATE', message: /version 2/ });
  assert.doesNotThrow(declare({ Opened: { 2: () => null, 3: () => null } }));
});
