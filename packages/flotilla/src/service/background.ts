import { type Bus, createInbox, createRelay, type Inbox } from '../messaging/index.ts';
import type { ReadModels } from '../projection/index.ts';
import type { Coordinator } from '../saga/index.ts';
import { type Health, overall } from '../telemetry/index.ts';
import { deliveryContext } from './delivery.ts';
import type { Standing } from '../discovery/index.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createLeaders } from './leaders.ts';
import { presentEvents } from './present-events.ts';
import { storeHealth } from './store-health.ts';
import type { Workplace } from './workplace.ts';

export interface BackgroundOptions {
  readonly work: Workplace;
  readonly readModels: ReadModels;
  readonly coordinator: Coordinator;
  readonly bus: Bus;
  readonly owner: string;
}

const PARKED_COUNTED = 100;

/** What a service does besides answering calls: it publishes and takes events, keeps read models up and sees sagas through. */
export interface Background {
  readonly inbox: Inbox;
  readonly coordinator: Coordinator;
  /** Who leads, as far as this process knows. */
  standings(): readonly Standing[];
  start(): void;
  stop(): Promise<void>;
  health(): Promise<Health>;
}

export function createBackground({ work, readModels, coordinator, bus, owner }: BackgroundOptions): Background {
  const { store, runtime, log } = work;
  const { contract, projections, subscriptions } = work.definition;
  const shared = { store, runtime, log, owner };
  const relay = createRelay({ ...shared, contract, bus, present: presentEvents(work.definition) });
  const inbox = createInbox({ ...shared, service: contract.name, subscriptions, context: deliveryContext(work) });
  const wanted = subscriptions.map(({ event }) => event.id);
  const intake = bus.subscribe(contract.name, wanted, inbox.deliver);
  const housekeeping = createHousekeeping(shared);
  const leaders = createLeaders(work, owner);
  return {
    inbox,
    coordinator,
    standings: () => leaders.map((one) => one.standing()),
    start: () => {
      for (const one of [relay, readModels, coordinator, housekeeping, ...leaders]) one.start();
    },
    stop: async () => {
      await Promise.all([coordinator.stop(), ...leaders.map((one) => one[Symbol.asyncDispose]())]);
      await Promise.all([intake, relay, readModels, housekeeping].map((one) => one[Symbol.asyncDispose]()));
    },
    health: async () =>
      overall({
        store: await storeHealth(store, runtime),
        events: relay.health(),
        bus: bus.health(contract.name),
        ...(projections.length > 0 && { projections: await readModels.health() }),
        ...(subscriptions.length > 0 && { inbox: await inboxHealth(inbox) }),
        ...(leaders.length > 0 && {
          leaders: overall(Object.fromEntries(leaders.map((one) => [one.standing().name, one.health()]))),
        }),
        ...(await sagaPart(work, coordinator)),
      }),
  };
}

/** Named where there is something to say: a service that declares no saga may still have some of an earlier version. */
async function sagaPart({ definition }: Workplace, coordinator: Coordinator): Promise<{ sagas?: Health }> {
  const sagas = await coordinator.health();
  return definition.sagas.length > 0 || sagas.status !== 'UP' ? { sagas } : {};
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
