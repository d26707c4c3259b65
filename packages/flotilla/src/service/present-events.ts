import { schemaVersion, upcastEvent } from '../log/index.ts';
import type { StoredEvent } from '../store/index.ts';
import type { ServiceDefinition } from './service.ts';

/** Brings the events of a service's log to the present version of their schemas before they leave it. */
export function presentEvents({
  contract,
  aggregates,
  projections,
  upcasters,
}: ServiceDefinition): (event: StoredEvent) => StoredEvent {
  const byName = new Map([...projections.map(({ of }) => of), ...aggregates].map((of) => [of.name, of.upcasters]));
  return (event) => {
    const name = event.stream?.slice(0, event.stream.indexOf(':'));
    const schemas = { contract, upcasters: (name === undefined ? undefined : byName.get(name)) ?? upcasters };
    // Newer code beside this one wrote it; subscribers get it as it is.
    if (event.schemaVersion > schemaVersion(schemas, event.type)) return event;
    return upcastEvent(schemas, event);
  };
}
