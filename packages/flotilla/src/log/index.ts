export { type Aggregate, aggregate, type DomainEvent, type EventOf, type Loaded, type StateOf, streamOf } from './aggregate.ts';
export type { Emit, EventsOf, Load, Unit } from './unit.ts';
