import type { Bus } from './bus.ts';
import { publisherOf } from './convert.ts';

/** The targets of a bus whose targets are the subscribing services, given the events (`service.Name`) that each wants. */
export function subscriberTargets(subscribers: ReadonlyMap<string, readonly string[]>): Pick<Bus, 'targets' | 'wants'> {
  const wants = (target: string): readonly string[] => subscribers.get(target) ?? [];
  const publishes = (service: string, target: string): boolean => wants(target).some((type) => publisherOf(type) === service);
  return { wants, targets: (service) => [...subscribers.keys()].filter((target) => publishes(service, target)) };
}
