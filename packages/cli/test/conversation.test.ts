import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimedSaga, StoredEvent } from 'flotilla/store';
import { askAll } from '../src/ask-all.ts';
import { drawConversation, momentsOf } from '../src/conversation.ts';

const noon = new Date(2026, 10, 20, 12, 0, 0).getTime();
const event = (id: string, type: string, { after, causationId }: { after: number; causationId: string }) =>
  ({ id, type, at: noon + after, data: { n: 1 }, meta: { correlationId: 'c', causationId } }) as StoredEvent;
const saga = {
  saga: { id: 's1', kind: 'place-order', key: 'order-1', status: 'done', at: noon + 5, meta: { causationId: 'e1' } },
  journal: [
    { step: 'charge', direction: 'run', attempt: 1, status: 'started', at: noon + 6 },
    { step: 'charge', direction: 'run', attempt: 1, status: 'failed', at: noon + 9, error: { code: 'DECLINED' } },
    { step: 'ship', direction: 'run', attempt: 1, status: 'started', at: noon + 10 },
  ],
  signals: [],
} as unknown as ClaimedSaga;

test('a conversation is drawn as a tree over all services, in order of time', () => {
  const moments = momentsOf([
    { service: 'shipping', events: [event('e2', 'Shipped', { after: 20, causationId: 'e1' })], sagas: [] },
    {
      service: 'orders',
      events: [
        event('e1', 'Placed', { after: 0, causationId: 'orders.place' }),
        event('e3', 'Ended', { after: 30, causationId: 's1' }),
      ],
      sagas: [saga],
    },
  ]);
  const lines = drawConversation(moments, (_style, text) => text).map((line) => line.slice(13));
  assert.deepEqual(lines, [
    '+0 ms    orders        Placed {"n":1}',
    '+5 ms    orders          saga place-order order-1: done',
    '+9 ms    orders            step charge failed DECLINED',
    '+10 ms   orders            step ship started',
    '+30 ms   orders            Ended {"n":1}',
    '+20 ms   shipping        Shipped {"n":1}',
  ]);
});

test('a service that does not answer is named, and the others are heard', async () => {
  const { answers, silent } = await askAll<string>(
    {
      services: ['up', 'down'],
      call: ({ service }) => (service === 'up' ? Promise.resolve('here') : Promise.reject(new Error('gone'))),
    },
    '$sagas',
    {},
  );
  assert.deepEqual(answers, [{ service: 'up', answer: 'here' }]);
  assert.deepEqual(
    silent.map(({ service }) => service),
    ['down'],
  );
});
