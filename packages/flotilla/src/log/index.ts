export {
  type Aggregate,
  aggregate,
  type AggregateSpec,
  type Changed,
  type CommandOf,
  type DomainEvent,
  type EventOf,
  type Loaded,
  type StateOf,
  streamOf,
} from './aggregate.ts';
export { declaredEvent } from './declared-event.ts';
export { decideAgain, type DecideAgainOptions } from './decide-again.ts';
export { createFollower, type Follower, type FollowerOptions } from './follower.ts';
export { createLease, type HeldLease, type Lease, type LeaseOptions } from './lease.ts';
export { createLeaseKeeper, type LeaseKeeper, type LeaseKeeperOptions } from './lease-keeper.ts';
export { followAggregate, type FollowOptions } from './follow-aggregate.ts';
export { createHistory, type History, type RecordedEvent, recordedEvent } from './history.ts';
export { type AggregateId, fold, type Folded, loadAggregate, type LoadOptions, type Moment, readUntil } from './load.ts';
export type { Advance, LogCursorOptions, Move } from './log-cursor.ts';
export { type OpenUnit, openUnit, type OpenUnitOptions } from './open-unit.ts';
export { backoffMs, every } from './pace.ts';
export { createSnapshotKeeper, type SnapshotKeeper } from './snapshot-keeper.ts';
export type { Change, Emit, EventsOf, Load, Target, Unit } from './unit.ts';
export { assertPresent, type Schemas, schemaVersion, type Upcast, upcastEvent, type Upcasters, versionsOf } from './upcasters.ts';
