export { type Database, database, type Migration, type StoreDriver } from './database.ts';
export type { Append, EventMeta, EventReader, EventWriter, NewEvent, StoredEvent } from './events.ts';
export type {
  CursorTable,
  IdempotencyTable,
  InboxTable,
  LeaseProof,
  LeaseTable,
  ParkedMessage,
  StoredReply,
} from './messages.ts';
export type {
  ClaimedSaga,
  JournalEntry,
  NewSaga,
  SagaAdvance,
  SagaPhase,
  SagaRow,
  SagaStatus,
  SagaStore,
  SagaWriter,
  StepDirection,
  StepStatus,
} from './sagas.ts';
export type { Committed, Store, Transaction, TransactOptions } from './store.ts';
