export { type Database, database, type Migration, type StoreDriver } from './database.ts';
export type {
  Append,
  Appended,
  EventMeta,
  EventReader,
  EventStore,
  EventWriter,
  NewEvent,
  ReadOptions,
  Snapshot,
  StoredEvent,
  StreamRange,
  StreamState,
} from './events.ts';
export type {
  CursorTable,
  IdempotencyTable,
  InboxTable,
  LeaseProof,
  LeaseTable,
  ParkedMessage,
  StoredReply,
} from './messages.ts';
export { checkParameters, type Parameter } from './parameters.ts';
export type {
  BuildChange,
  BuildStatus,
  NewBuild,
  ParkedStream,
  ProjectionBuild,
  ProjectionReader,
  ProjectionTable,
} from './projections.ts';
export type { JournalEntry, StepDirection, StepStatus } from './saga-journal.ts';
export { endsIn, restsIn } from './saga-status.ts';
export type { SagaSignal, SignalOutcome } from './saga-signals.ts';
export type {
  BirthClaim,
  ClaimedSaga,
  InsertedSaga,
  Intervention,
  JournalLines,
  NewSaga,
  ParentSaga,
  Pauses,
  SagaAdvance,
  SagaChange,
  SagaPhase,
  SagaRow,
  SagaScope,
  SagaStatus,
  SagaStore,
  SagaWriter,
} from './sagas.ts';
export type { Committed, Store, Transaction, TransactOptions } from './store.ts';
