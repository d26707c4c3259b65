import type { ServiceDefinition } from '../../service/index.ts';
import type { Ledger } from './ledger.ts';
import { projectionName, subscriptionName } from './watched-service.ts';

/** For a read model that wants every type. */
const ANY = '*';

/** What the system still owes by the ledger: events that a subscriber or a read model has not taken. */
export interface Debts {
  /** As `subscription event`, for those that were never taken, in the order they arose. */
  outstanding(): readonly string[];
}

/** Counts as the ledger grows, because a run asks again and again whether all is settled. */
export function createDebts(services: readonly ServiceDefinition[], ledger: Ledger): Debts {
  const interested = interestsOf(services);
  const owed = new Set<string>();
  const paid = new Set<string>();
  let read = 0;

  const owe = (debt: string): void => void (paid.has(debt) || owed.add(debt));
  const pay = (debt: string): void => {
    owed.delete(debt);
    paid.add(debt);
  };

  function readOn(): void {
    for (const { service, appended, received, projected } of ledger.commits.slice(read)) {
      for (const { event, stream } of appended) {
        for (const name of interested.subscriptions.get(`${service}.${event.type}`) ?? []) owe(`${name} ${event.id}`);
        const aggregate = stream?.slice(0, stream.indexOf(':'));
        for (const type of [event.type, ANY]) {
          for (const name of interested.projections.get(`${service} ${aggregate} ${type}`) ?? []) owe(`${name} ${event.id}`);
        }
      }
      // The other service's unit may be entered before the one that it follows from.
      for (const { subscription, event } of received) pay(`${subscription} ${event}`);
      for (const { projection, event } of projected) pay(`${projection} ${event}`);
    }
    read = ledger.commits.length;
  }

  return {
    outstanding() {
      readOn();
      return [...owed];
    },
  };
}

interface Interests {
  /** Names of subscriptions by event type. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]>;
  /** Names of projections by service, aggregate and event type. */
  readonly projections: ReadonlyMap<string, readonly string[]>;
}

function interestsOf(services: readonly ServiceDefinition[]): Interests {
  const subscriptions = services.flatMap((service) =>
    service.subscriptions.map(({ event }, index) => ({ on: event.id, name: subscriptionName(service, index) })),
  );
  const projections = services.flatMap((service) =>
    service.projections.flatMap((projection) =>
      (projection.types ?? [ANY]).map((type) => ({
        on: `${service.contract.name} ${projection.of.name} ${type}`,
        name: projectionName(service, projection),
      })),
    ),
  );
  return { subscriptions: byKey(subscriptions), projections: byKey(projections) };
}

function byKey(entries: readonly { on: string; name: string }[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(entries, ({ on }) => on);
  return new Map([...groups].map(([on, group]) => [on, group.map(({ name }) => name)]));
}
