import { findOperation } from '../../contract/index.ts';
import type { Subscription } from '../../messaging/index.ts';
import type { Projection } from '../../projection/index.ts';
import type { AnyHandler, ServiceDefinition } from '../../service/index.ts';
import type { Ledger } from './ledger.ts';

/** A service whose handlers are entered in the ledger with the unit that they run in. */
export function watchedService(definition: ServiceDefinition, ledger: Ledger): ServiceDefinition {
  const { contract, subscriptions, projections } = definition;
  const { name } = contract;
  const handlers = Object.entries(definition.handlers).map(([operation, handler]) => {
    const isCommand = findOperation(contract, operation)?.kind === 'command';
    return [operation, isCommand ? watchedCommand(`${name}.${operation}`, handler, (id) => command(id)) : handler];
  });
  const command = (id: string): void => void ledger.current(name).commands.push(id);
  return {
    ...definition,
    handlers: Object.fromEntries(handlers) as ServiceDefinition['handlers'],
    subscriptions: subscriptions.map((subscription, index) => watchedSubscription(subscription, index)),
    projections: projections.map(watchedProjection),
  };

  function watchedSubscription({ event, handle }: Subscription, index: number): Subscription {
    const subscription = subscriptionName(definition, index);
    return {
      event,
      handle: (received, context) => {
        ledger.current(name).received.push({ subscription, event: received.id });
        return handle(received, context);
      },
    };
  }

  /** What is written outside the service's database is outside its units too. */
  function watchedProjection(projection: Projection): Projection {
    const { destination } = projection;
    if (!('tables' in destination)) return projection;
    const name = projectionName(definition, projection);
    const apply: typeof destination.apply = (events, unit) => {
      ledger.current(contract.name).projected.push(...events.map(({ id }) => ({ projection: name, event: id })));
      return destination.apply(events, unit);
    };
    return { ...projection, destination: { ...destination, apply } };
  }
}

function watchedCommand(operation: string, handler: AnyHandler, note: (command: string) => void): AnyHandler {
  const noted = (work: (context: object) => unknown) => (context: object) => {
    // Every command runs under a key; the host makes one where the caller had none.
    note(`${operation} ${(context as { idempotencyKey: string }).idempotencyKey}`);
    return work(context);
  };
  if (typeof handler === 'function') return (input, context) => noted((own) => handler(input, own))(context);
  return { prepare: async (input, context) => noted(await handler.prepare(input, context)) };
}

export function subscriptionName({ contract, subscriptions }: ServiceDefinition, index: number): string {
  return `${contract.name}: ${subscriptions[index]!.event.id} (${index + 1})`;
}

export function projectionName({ contract }: ServiceDefinition, { name, version }: Projection): string {
  return `${contract.name}: ${name} v${version}`;
}
