import type { Runtime } from 'flotilla/kernel';
import { type Bus, closablePublish, subscriberTargets } from 'flotilla/messaging';
import { type Health, type Logger, overall } from 'flotilla/telemetry';
import { parseNatsUrl } from './address.ts';
import { createIntake, type Intake } from './intake.ts';
import { createLink } from './link.ts';
import { createOutlet } from './outlet.ts';
import { placeOf } from './place.ts';
import { warnOfLateSync } from './sync-check.ts';

export interface NatsBusOptions {
  /** `nats://[user:password@]host[:port][,host…]`, with `?credentials=FILE`, `replicas=3`, `sync=always|accepted` and `monitor=http://…` as they apply. */
  readonly url: string;
  /** Systems of different names share a server without seeing each other. */
  readonly system: string;
  /** Which events (`service.Name`) each service wants: the subscriptions of the whole system. */
  readonly subscribers: ReadonlyMap<string, readonly string[]>;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/**
 * The bus on NATS JetStream, from server 2.9.4 on. Each subscriber has a stream that keeps batches until it has handled them, so one
 * that is down fills only its own. Returns at once and connects when it can: who is started first does not matter. Throws
 * `BUS_URL_INVALID` or `BUS_NAME_INVALID`.
 */
export function natsBus(options: NatsBusOptions): Bus {
  const { subscribers, system, runtime, log } = options;
  const address = parseNatsUrl(options.url);
  const places = new Map([...subscribers.keys()].map((service) => [service, placeOf(system, service)]));
  const { replicas } = address;
  const link = createLink({ address, name: `flotilla ${system}`, runtime, log });
  const outlet = createOutlet({ link, replicas, clock: runtime.clock });
  const intakes = new Set<{ readonly service: string; readonly intake: Intake }>();
  void link.firstSession.then(() => warnOfLateSync({ address, clock: runtime.clock, log }));

  const { publish, close } = closablePublish((target, batch, signal) =>
    outlet.send(places.get(target) ?? placeOf(system, target), batch, signal),
  );
  const intakesHealth = (service: string): Record<string, Health> =>
    Object.fromEntries([...intakes].filter((one) => one.service === service).map(({ intake }) => ['intake', intake.health()]));

  return {
    description: `NATS at ${address.shown}`,
    ...subscriberTargets(subscribers),
    publish,
    subscribe(service, eventTypes, deliver) {
      if (eventTypes.length === 0) return { [Symbol.asyncDispose]: () => Promise.resolve() };
      const place = placeOf(system, service);
      const intake = createIntake({ link, place, replicas, deliver, runtime, log: log.child({ subscriber: service }) });
      const entry = { service, intake };
      intakes.add(entry);
      return {
        async [Symbol.asyncDispose]() {
          await intake[Symbol.asyncDispose]();
          intakes.delete(entry);
        },
      };
    },
    health: (service) => overall({ connection: link.health(), outlet: outlet.health(service), ...intakesHealth(service) }),
    async [Symbol.asyncDispose]() {
      await close();
      await Promise.all([...intakes].map(({ intake }) => intake[Symbol.asyncDispose]()));
      await link[Symbol.asyncDispose]();
    },
  };
}
