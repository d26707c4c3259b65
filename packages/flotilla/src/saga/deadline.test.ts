import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import type { ReceivedEvent } from '../messaging/index.ts';
import { deadline, sagaSubscriptions } from './index.ts';
import { openYard, type Yard } from './test/yard.ts';

const Parcel = z.object({ parcel: z.string() });
const post = contract('post', {
  version: '1.0.0',
  team: 'post',
  events: { Sent: { version: 1, schema: Parcel }, Arrived: { version: 1, schema: Parcel } },
});
const arrives = deadline('parcel-arrives', {
  from: { event: post.events.Sent, key: ({ parcel }) => parcel },
  to: { event: post.events.Arrived, key: ({ parcel }) => parcel },
  within: '3d',
});
const THREE_DAYS_MS = 3 * 86_400_000;

/** Hands an event in, as the inbox of the service would. */
async function deliver(yard: Yard, name: 'Sent' | 'Arrived', parcel: string): Promise<void> {
  const coordinator = yard.coordinator([arrives]);
  const { runtime } = yard;
  const event: ReceivedEvent = { id: runtime.ids(), type: `post.${name}`, data: { parcel }, at: 0, correlationId: parcel };
  await yard.store.transact(async (tx) => {
    const { meta } = yard.starting(parcel);
    const door = {
      start: (saga: typeof arrives, input: unknown) => coordinator.begin(saga, { input, meta }, tx),
      tell: (saga: typeof arrives, signal: Parameters<typeof coordinator.tell>[1]) => coordinator.tell(saga, signal, tx),
    };
    for (const { event: type, handle } of sagaSubscriptions([arrives])) {
      if (type.id === event.type) await handle(event, door);
    }
  });
}

async function watcherOf(yard: Yard, parcel: string) {
  return (await yard.store.sagas.list({ correlationId: parcel, limit: 1 }))[0]!;
}

suite('a deadline', () => {
  test('that is kept tells nobody anything', async () => {
    await using yard = await openYard();
    await deliver(yard, 'Sent', 'p-1');
    await yard.reaches((await watcherOf(yard, 'p-1')).id, 'waiting');
    await deliver(yard, 'Arrived', 'p-1');
    await yard.reaches((await watcherOf(yard, 'p-1')).id, 'done');
    yard.runtime.clock.step(THREE_DAYS_MS);
    await yard.runtime.clock.advance(5_000);
    assert.deepEqual([await yard.eventsOf('saga.overdue'), yard.errors], [[], []]);
  });

  test('that passes is told exactly once, however many processes watch', async () => {
    await using yard = await openYard();
    await deliver(yard, 'Sent', 'p-1');
    yard.coordinator([arrives]);
    const { id } = await watcherOf(yard, 'p-1');
    await yard.reaches(id, 'waiting');
    yard.runtime.clock.step(THREE_DAYS_MS - 1_000);
    await yard.runtime.clock.advance(500);
    assert.deepEqual(await yard.eventsOf('saga.overdue'), []);
    await yard.reaches(id, 'done');
    await deliver(yard, 'Arrived', 'p-1');
    await yard.runtime.clock.advance(60_000);
    const data = { sagaId: id, kind: 'parcel-arrives', key: 'p-1', step: 'post.Arrived', waitedMs: THREE_DAYS_MS };
    assert.deepEqual(await yard.eventsOf('saga.overdue'), [data]);
    assert.equal(yard.errors.length, 1);
  });

  test('whose events come in the wrong order is kept all the same', async () => {
    await using yard = await openYard();
    await deliver(yard, 'Arrived', 'p-1');
    await deliver(yard, 'Sent', 'p-1');
    await yard.reaches((await watcherOf(yard, 'p-1')).id, 'done');
    assert.deepEqual(await yard.eventsOf('saga.overdue'), []);
  });
});
