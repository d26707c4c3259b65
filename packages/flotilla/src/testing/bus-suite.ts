import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FlotillaError, untilAborted } from '../kernel/index.ts';
import type { Bus, Deliver, EventMessage } from '../messaging/index.ts';

export interface BusSubscriber {
  readonly service: string;
  /** `service.Name` */
  readonly eventTypes: readonly string[];
  readonly deliver: Deliver;
}

export interface BusSuiteOptions {
  /** Of the bus under test. */
  readonly name: string;
  /** Opens a bus of its own for one test, with these subscribers listening. */
  open(subscribers: readonly BusSubscriber[]): Promise<Bus>;
}

const PLACED = 'orders.OrderPlaced';

/** What every bus promises to the relay and to subscribers. A driver that passes may carry a system's events. */
export function busSuite({ name, open }: BusSuiteOptions): void {
  suite(`${name} as a bus`, () => {
    test('targets are those who want an event of the service, and each says which', async () => {
      const ignore: Deliver = () => Promise.resolve();
      await using bus = await open([
        { service: 'mail', eventTypes: [PLACED, 'users.UserRegistered'], deliver: ignore },
        { service: 'stock', eventTypes: ['users.UserRegistered'], deliver: ignore },
      ]);
      assert.deepEqual(bus.targets('orders'), ['mail']);
      assert.deepEqual(bus.targets('users').toSorted(), ['mail', 'stock']);
      assert.deepEqual(bus.targets('payments'), []);
      assert.deepEqual([...bus.wants('mail')].toSorted(), [PLACED, 'users.UserRegistered']);
    });

    test('a message arrives whole', async () => {
      const inbox = collector();
      await using bus = await open([inbox.as('mail')]);
      const [sent] = messages(1);
      await publishUntilTaken(bus, 'mail', [sent!]);
      const [received] = await inbox.until(1);
      assert.deepEqual(JSON.parse(JSON.stringify(received)), JSON.parse(JSON.stringify(sent)));
    });

    test('messages of one target arrive in the order published, over many batches', async () => {
      const inbox = collector();
      await using bus = await open([inbox.as('mail')]);
      const all = messages(300);
      for (let from = 0; from < all.length; from += 60) await publishUntilTaken(bus, 'mail', all.slice(from, from + 60));
      assert.deepEqual(ids(await inbox.until(300)), ids(all));
    });

    test('a subscriber that fails gets the batch again until it takes it', async () => {
      const inbox = collector({ failures: 3 });
      await using bus = await open([inbox.as('mail')]);
      const all = messages(5);
      await publishUntilTaken(bus, 'mail', all);
      assert.deepEqual(ids(await inbox.until(5)), ids(all));
      assert.equal(inbox.failed(), 3);
    });

    test('publish resolves only when the batch can no longer be lost', async () => {
      const inbox = collector({ failures: 1 });
      await using bus = await open([inbox.as('mail')]);
      const taken = await bus.publish('mail', messages(2), never()).then(
        () => true,
        () => false,
      );
      // Refused: the publisher knows and sends again. Taken: the bus must deliver without being asked again.
      if (!taken) await bus.publish('mail', messages(2), never());
      assert.equal((await inbox.until(2)).length, 2);
    });

    test('one dead target does not hold up another', async () => {
      const alive = collector();
      const dead: Deliver = (_batch, signal) => untilAborted(signal, new Promise(() => undefined));
      await using bus = await open([{ service: 'dead', eventTypes: [PLACED], deliver: dead }, alive.as('alive')]);
      const giveUp = new AbortController();
      const stuck = bus.publish('dead', messages(1), giveUp.signal).catch(() => undefined);
      await publishUntilTaken(bus, 'alive', messages(3));
      assert.equal((await alive.until(3)).length, 3);
      giveUp.abort();
      await stuck;
    });

    test('publishing ends at once when its signal aborts', async () => {
      const inbox = collector();
      await using bus = await open([inbox.as('mail')]);
      await assert.rejects(bus.publish('mail', messages(1), AbortSignal.abort()));
    });

    test('a bus that carries events is UP', async () => {
      const inbox = collector();
      await using bus = await open([inbox.as('mail')]);
      await publishUntilTaken(bus, 'mail', messages(1));
      assert.deepEqual([bus.health('orders').status, bus.health('mail').status], ['UP', 'UP']);
    });

    test('a closed bus takes nothing more', async () => {
      const inbox = collector();
      const bus = await open([inbox.as('mail')]);
      await bus[Symbol.asyncDispose]();
      await assert.rejects(bus.publish('mail', messages(1), never()), { code: 'BUS_CLOSED', retryable: true });
    });
  });
}

/** A subscriber that keeps what it was given, each message once, in the order of first sight. */
function collector({ failures = 0 }: { failures?: number } = {}) {
  const seen = new Map<string, EventMessage>();
  let failed = 0;
  let arrived = (): void => undefined;
  const deliver: Deliver = async (batch) => {
    if (failed < failures) {
      failed += 1;
      throw new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'The subscriber is down.' });
    }
    for (const message of batch) if (!seen.has(message.id)) seen.set(message.id, message);
    arrived();
  };
  return {
    as: (service: string): BusSubscriber => ({ service, eventTypes: [PLACED], deliver }),
    failed: () => failed,
    async until(count: number): Promise<EventMessage[]> {
      while (seen.size < count) await new Promise<void>((resolve) => (arrived = resolve));
      return [...seen.values()];
    },
  };
}

/** Does what a relay does: publishes again until the bus has taken the batch. */
async function publishUntilTaken(bus: Bus, target: string, batch: readonly EventMessage[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await bus.publish(target, batch, never());
      return;
    } catch (thrown) {
      if (attempt === 20) throw thrown;
    }
  }
}

function messages(count: number): EventMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    specversion: '1.0',
    id: `message-${index + 1}`,
    source: '/orders',
    type: PLACED,
    time: '2026-01-01T00:00:00.000Z',
    dataschemaversion: 1,
    data: { orderId: `order-${index % 7}`, note: 'Grüße', lines: [{ sku: 'A-1', quantity: 2 }] },
    sequence: String(index + 1),
    partitionkey: `order:${index % 7}`,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    correlationid: 'correlation-1',
    causationid: undefined,
  }));
}

function ids(all: readonly EventMessage[]): string[] {
  return all.map(({ id }) => id);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
