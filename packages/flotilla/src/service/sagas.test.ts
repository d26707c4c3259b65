import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import { directBus, type EventMessage } from '../messaging/index.ts';
import { saga } from '../saga/index.ts';
import { anonymous } from '../security/index.ts';
import type { SagaRow, SagaStatus } from '../store/index.ts';
import { silentLogger, startTrace } from '../telemetry/index.ts';
import { openTemporaryStore, until } from '../testing/index.ts';
import type { CallHandler } from '../transport/index.ts';
import { createHost, service } from './index.ts';

const Parcel = z.object({ parcel: z.string() });
const post = contract('post', {
  version: '1.0.0',
  team: 'post',
  events: { Sent: { version: 1, schema: Parcel }, Arrived: { version: 1, schema: Parcel } },
});
const desk = contract('desk', {
  version: '1.0.0',
  team: 'office',
  commands: {
    watch: { input: Parcel, output: z.string() },
    sign: { input: Parcel, output: z.string() },
  },
});

const follow = saga('follow', { input: Parcel, key: ({ parcel }) => parcel, calls: {} })
  .startOn(post.events.Sent, (sent) => sent)
  .step('note', { run: () => 'noted' })
  .waitFor('arrival', { event: post.events.Arrived, key: ({ parcel }) => parcel })
  .waitFor('signature', { schema: z.object({ by: z.string() }) });

async function openOffice() {
  const definition = service(desk, {
    sagas: [follow],
    handlers: {
      watch: ({ parcel }, { start }) => start(follow, { parcel }),
      sign: ({ parcel }, { tell }) => tell(follow, { key: parcel, name: 'signature', data: { by: 'ada' } }),
    },
  });
  const resources = new AsyncDisposableStack();
  const { store } = resources.use(await openTemporaryStore({ service: 'desk', database: definition.database }));
  const nobody: CallHandler = () => Promise.reject(new Error('there are no other services'));
  const bus = directBus({ subscribers: new Map(), call: nobody, runtime: systemRuntime });
  const shared = { definition, store, call: nobody, bus, runtime: systemRuntime, log: silentLogger };
  const host = createHost({ ...shared, config: undefined, secret: 'hush', owner: 'here' });
  host.start();
  resources.defer(() => host.stop());
  const metadata = {
    identity: anonymous,
    caller: { internal: true, name: 'operator' },
    trace: startTrace(systemRuntime.random),
    correlationId: 'c1',
    remainingMs: 5_000,
    attempt: 1,
  };
  const send = (operation: string, input: unknown): Promise<unknown> =>
    host.call({ service: 'desk', operation, input, metadata }, new AbortController().signal);
  const deliver = async (name: 'Sent' | 'Arrived', parcel: string): Promise<string> => {
    const id = systemRuntime.ids();
    const common = { specversion: '1.0', source: '/post', time: new Date(0).toISOString(), dataschemaversion: 1 } as const;
    const message: EventMessage = {
      ...common,
      id,
      type: `post.${name}`,
      data: { parcel },
      sequence: '1',
      correlationid: 'c-post',
    };
    await send('$deliver', { batch: [message] });
    return id;
  };
  const find = async (): Promise<SagaRow | undefined> => (await store.sagas.list({ kind: 'follow', limit: 1 }))[0];
  const reaches = async (status: SagaStatus, awaits?: string): Promise<SagaRow> => {
    await until(async () => {
      const row = await find();
      return row?.status === status && row.awaits === awaits;
    });
    return (await find())!;
  };
  return { send, deliver, reaches, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('a saga starts with an event, goes on with another, and ends when a handler tells it to', async () => {
  await using office = await openOffice();
  const sent = await office.deliver('Sent', 'p-1');
  const { correlationId, meta } = await office.reaches('waiting', 'arrival');
  assert.equal(correlationId, 'c-post', 'it belongs to the conversation that the event came from');
  assert.equal((meta as { causationId: string }).causationId, sent, 'and to that event');
  await office.deliver('Arrived', 'p-1');
  await office.reaches('waiting', 'signature');
  assert.equal(await office.send('sign', { parcel: 'p-1' }), 'delivered');
  await office.reaches('done');
  assert.equal(await office.send('sign', { parcel: 'p-1' }), 'ended');
});

test('a saga that a command starts goes on in the same process without being claimed', async () => {
  await using office = await openOffice();
  await office.send('watch', { parcel: 'p-1' });
  assert.equal((await office.reaches('waiting', 'arrival')).fence, 1);
});
