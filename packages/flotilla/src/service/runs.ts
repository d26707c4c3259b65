import type { Clients } from '../client/index.ts';
import type { Contract, Operation } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { type Load, loadAggregate, type Unit } from '../log/index.ts';
import type { Projection } from '../projection/index.ts';
import { type SagaDefinition, startSaga } from '../saga/index.ts';
import type { Caller, Identity } from '../security/index.ts';
import type { Transaction } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { CallMetadata } from '../transport/index.ts';
import type { BaseContext, TransactionContext } from './context.ts';
import type { Workplace } from './workplace.ts';

// The contexts that handlers receive. Each property is a getter, so a handler pays only for what it takes out.

/** Common to every piece of work. */
class Run implements BaseContext {
  readonly #work: Workplace;
  readonly origin: CallMetadata;
  readonly signal: AbortSignal;
  /** What is running, for log lines: an operation or an event. */
  readonly #what: string;

  constructor(work: Workplace, origin: CallMetadata, signal: AbortSignal, what: string) {
    this.#work = work;
    this.origin = origin;
    this.signal = signal;
    this.#what = what;
  }

  get identity(): Identity {
    return this.origin.identity;
  }
  get caller(): Caller {
    return this.origin.caller;
  }
  get correlationId(): string {
    return this.origin.correlationId;
  }
  get config(): unknown {
    return this.#work.config;
  }
  get log(): Logger {
    const { correlationId, trace } = this.origin;
    return this.#work.log.child({ doing: this.#what, correlationId, traceId: trace.traceId });
  }
  get now(): () => number {
    return () => this.#work.runtime.clock.now();
  }
  get newId(): () => string {
    return this.#work.runtime.ids;
  }
}

function failer(operation: Operation): (code: string, details: unknown, message?: string) => never {
  return (code, details, message) => {
    const declared = operation.errors[code];
    const text = message ?? `${operation.id} answered ${code}.`;
    throw new FlotillaError(code, { kind: declared?.kind ?? 'internal', details, message: text });
  };
}

/** A query, or the waiting half of a two-part command. */
export class WaitingRun extends Run {
  readonly #work: Workplace;
  readonly #operation: Operation;
  readonly idempotencyKey: string;

  constructor(work: Workplace, operation: Operation, origin: CallMetadata, signal: AbortSignal, idempotencyKey = '') {
    super(work, origin, signal, operation.id);
    this.#work = work;
    this.#operation = operation;
    this.idempotencyKey = idempotencyKey;
  }

  get db(): Workplace['store']['reader'] {
    return this.#work.store.reader;
  }
  get calls(): Clients<Record<string, Contract>> {
    return this.#work.clients(this.#work.definition.calls, this.origin, this.signal);
  }
  get fail(): ReturnType<typeof failer> {
    return failer(this.#operation);
  }
  get load(): Load {
    return (of, id) => loadAggregate(this.#work.store.events, of, id);
  }
  get caughtUp(): (projection: Projection) => Promise<void> {
    return (projection) => this.#work.caughtUp(projection, this.signal);
  }
}

/** The one transaction of an event handler. */
export class TransactionRun extends Run implements TransactionContext<unknown, never, unknown> {
  readonly #tx: Transaction;
  readonly #unit: Unit;

  constructor(work: Workplace, origin: CallMetadata, signal: AbortSignal, at: { what: string; tx: Transaction; unit: Unit }) {
    super(work, origin, signal, at.what);
    this.#tx = at.tx;
    this.#unit = at.unit;
  }

  get db(): Unit['db'] {
    return this.#unit.db;
  }
  get emit(): Unit['emit'] {
    return this.#unit.emit;
  }
  get load(): Load {
    return this.#unit.load;
  }
  get change(): Unit['change'] {
    return this.#unit.change;
  }
  get start(): (saga: SagaDefinition, input: unknown) => Promise<string> {
    return (saga, input) => startSaga(this.#tx, saga, input, this.origin);
  }
}

/** The one transaction of a command. */
export class CommandRun extends TransactionRun {
  readonly #operation: Operation;
  readonly idempotencyKey: string;

  constructor(
    work: Workplace,
    operation: Operation,
    at: { origin: CallMetadata; signal: AbortSignal; tx: Transaction; unit: Unit; idempotencyKey: string },
  ) {
    super(work, at.origin, at.signal, { what: operation.id, tx: at.tx, unit: at.unit });
    this.#operation = operation;
    this.idempotencyKey = at.idempotencyKey;
  }

  get fail(): ReturnType<typeof failer> {
    return failer(this.#operation);
  }
}
