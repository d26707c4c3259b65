import { type Bus, createInbox, createRelay, type Inbox } from '../messaging/index.ts';
import { type Coordinator, createCoordinator } from '../saga/index.ts';
import { type Health, overall } from '../telemetry/index.ts';
import { deliveryContext } from './delivery.ts';
import { createHousekeeping } from './housekeeping.ts';
import type { ReadModels } from './read-models.ts';
import { storeHealth } from './store-health.ts';
import type { Workplace } from './workplace.ts';

export interface BackgroundOptions {
  readonly work: Workplace;
  readonly readModels: ReadModels;
  readonly bus: Bus;
  readonly owner: string;
}

const PARKED_COUNTED = 100;

/** What a service does besides answering calls: it publishes and takes events, keeps read models up and sees sagas through. */
export interface Background {
  readonly inbox: Inbox;
  readonly coordinator: Coordinator;
  start(): void;
  stop(): Promise<void>;
  health(): Promise<Health>;
}

export function createBackground({ work, readModels, bus, owner }: BackgroundOptions): Background {
  const { store, runtime, log, clients } = work;
  const { contract, sagas, subscriptions } = work.definition;
  const shared = { store, runtime, log, owner };
  const relay = createRelay({ ...shared, contract, bus });
  const inbox = createInbox({ ...shared, service: contract.name, subscriptions, context: deliveryContext(work) });
  const wanted = subscriptions.map(({ event }) => event.id);
  const intake = bus.subscribe(contract.name, wanted, inbox.deliver);
  const coordinator = createCoordinator({
    ...shared,
    contract,
    sagas,
    clients: ({ calls, signal, meta }) => clients(calls, { origin: meta, signal }),
  });
  const housekeeping = createHousekeeping(shared);
  return {
    inbox,
    coordinator,
    start: () => {
      for (const one of [relay, ...readModels.all, coordinator, housekeeping]) one.start();
    },
    stop: async () => {
      await coordinator.stop();
      await Promise.all([intake, relay, ...readModels.all, housekeeping].map((one) => one[Symbol.asyncDispose]()));
    },
    health: async () =>
      overall({
        store: await storeHealth(store, runtime),
        events: relay.health(),
        ...(readModels.all.length > 0 && { projections: readModels.health() }),
        ...(subscriptions.length > 0 && { inbox: await inboxHealth(inbox) }),
        ...(sagas.length > 0 && { sagas: await coordinator.health() }),
      }),
  };
}

async function inboxHealth(inbox: Inbox): Promise<Health> {
  const parked = await inbox.parked(PARKED_COUNTED);
  if (parked.length === 0) return { status: 'UP' };
  const count =
    parked.length === PARKED_COUNTED
      ? `At least ${PARKED_COUNTED} messages are`
      : parked.length === 1
        ? 'A message is'
        : `${parked.length} messages are`;
  return { status: 'DEGRADED', reason: `${count} parked. See 'flotilla events parked'.` };
}
