import { after, before, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { silentLogger } from 'flotilla/telemetry';
import { busSuite } from 'flotilla/testing';
import { natsBus } from './index.ts';
import { type NatsPlace, openNats, withoutNats } from './testing/index.ts';

const skip = withoutNats();
let nats: NatsPlace;

if (skip !== false) test('NATS JetStream as a bus', { skip });
else {
  before(async () => void (nats = await openNats()));
  after(() => nats[Symbol.asyncDispose]());
  busSuite({
    name: 'NATS JetStream',
    open: async (subscribers) => {
      const system = nats.newSystem();
      const wants = new Map(subscribers.map(({ service, eventTypes }) => [service, eventTypes]));
      const bus = natsBus({ url: nats.url, system, subscribers: wants, runtime: systemRuntime, log: silentLogger });
      for (const { service, eventTypes, deliver } of subscribers) bus.subscribe(service, eventTypes, deliver);
      return bus;
    },
  });
}
