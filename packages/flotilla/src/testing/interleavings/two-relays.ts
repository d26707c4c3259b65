import * as z from 'zod';
import { contract } from '../../contract/index.ts';
import { type Bus, createInbox, createRelay } from '../../messaging/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { fencesHold } from '../simulator/invariants.ts';
import type { Bounds, Conductor } from './conductor.ts';
import type { Dock, Worker } from './dock.ts';
import type { Try } from './every-order.ts';

const Bell = z.object({ number: z.int() });
export const tower = contract('tower', {
  version: '1.0.0',
  team: 'ashore',
  events: { Rung: { version: 1, schema: Bell } },
});
export const harbour = contract('harbour', { version: '1.0.0', team: 'ashore' });

const RINGS = [1, 2];

/** Two relays of one log and a subscriber: cursor, lease and inbox in every order. Each event must be handled once, and in order. */
export function twoRelays(dock: Dock, bounds: Bounds): Try {
  return async (choices) => {
    dock.reset();
    const { conductor, worker } = dock.conduct(choices, bounds);
    const workers = ['left', 'right'].map(worker);
    await ring(dock);
    const heard: number[] = [];
    for (const one of workers) {
      const store = one.store(tower.name);
      const bus = busTo(inboxOf(one, heard), one, conductor);
      createRelay({ store, contract: tower, bus, runtime: one.runtime, log: silentLogger, owner: one.process.name }).start();
    }
    const cursors = dock.store(tower.name).cursors;
    await conductor.run(async () => (await cursors.position('relay:harbour')) >= RINGS.length);
    for (const { process } of workers) process.kill();
    const broken = heard.join() === RINGS.join() ? [] : [`E6: heard ${heard.join(', ') || 'nothing'}`];
    return { conductor, broken: [...broken, ...fencesHold(dock.ledger)] };
  };
}

async function ring(dock: Dock): Promise<void> {
  for (const number of RINGS) {
    const id = `ring-${number}`;
    const event = { type: 'Rung', schemaVersion: 1, id, data: { number }, meta: { correlationId: id, key: 'bell' }, at: number };
    await dock.store(tower.name).transact((tx) => tx.events.append({ events: [event] }));
  }
}

function inboxOf({ store, runtime }: Worker, heard: number[]): ReturnType<typeof createInbox> {
  return createInbox({
    store: store(harbour.name),
    service: harbour.name,
    subscriptions: [{ event: tower.events.Rung, handle: ({ data }) => void heard.push((data as z.infer<typeof Bell>).number) }],
    context: () => Promise.resolve({ context: {}, finish: () => Promise.resolve() }),
    runtime,
    log: silentLogger,
  });
}

/** Hands batches to the inbox; that they set out is a step of its own. */
function busTo(inbox: ReturnType<typeof createInbox>, { process }: Worker, { gate }: Conductor): Bus {
  return {
    description: 'conducted',
    targets: () => [harbour.name],
    wants: () => [tower.events.Rung.id],
    publish: async (_target, batch, signal) => {
      await gate(process, 'publishes', () => Promise.resolve());
      await inbox.deliver(batch, signal);
    },
    subscribe: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    health: () => ({ status: 'UP' }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
