export { type Aggregate, aggregate, type DomainEvent, type EventOf, type Loaded, type StateOf, streamOf } from './aggregate.ts';
export { createFollower, type Follower, type FollowerOptions } from './follower.ts';
export { createLeaseKeeper, type LeaseKeeper, type LeaseKeeperOptions } from './lease-keeper.ts';
export { loadAggregate } from './load.ts';
export { type Advance, type LogCursorOptions } from './log-cursor.ts';
export { declaredEvent } from './new-event.ts';
export { type OpenUnit, openUnit, type OpenUnitOptions } from './open-unit.ts';
export { backoffMs } from './pace.ts';
export type { Emit, EventsOf, Load, Unit } from './unit.ts';
