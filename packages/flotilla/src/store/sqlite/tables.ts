import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { EventWriter } from '../events.ts';
import type { CursorTable, IdempotencyTable, InboxTable, LeaseTable } from '../messages.ts';
import type { ProjectionTable } from '../projections.ts';
import type { SagaWriter } from '../sagas.ts';
import { createCursorTable } from './cursors.ts';
import type { Direct } from './direct.ts';
import { createEventWriter } from './events.ts';
import { createIdempotencyTable } from './idempotency.ts';
import { createInboxTable } from './inbox.ts';
import { createLeaseTable } from './leases.ts';
import { createProjectionTable } from './projections.ts';
import { createSagaWriter } from './sagas.ts';
import type { Touched } from './touched.ts';

/** What the driver writes to, over the connection that writes. Whoever uses it runs inside a unit. */
export interface Tables {
  readonly events: Direct<EventWriter>;
  readonly idempotency: Direct<IdempotencyTable>;
  readonly inbox: Direct<InboxTable>;
  readonly cursors: Direct<CursorTable>;
  readonly leases: Direct<LeaseTable>;
  readonly sagas: Direct<SagaWriter>;
  readonly projections: Direct<ProjectionTable>;
}

/** Prepares all statements once. */
export function createTables(db: DatabaseSync, clock: Clock, touched: Touched): Tables {
  return {
    events: createEventWriter(db, touched),
    idempotency: createIdempotencyTable(db),
    inbox: createInboxTable(db),
    cursors: createCursorTable(db),
    leases: createLeaseTable(db, clock),
    sagas: createSagaWriter(db, clock, touched),
    projections: createProjectionTable(db),
  };
}
