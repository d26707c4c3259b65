import type { Clients } from '../client/index.ts';
import type { Contract, Operation } from '../contract/index.ts';
import { type Duration, durationMs, FlotillaError } from '../kernel/index.ts';
import { createHistory, type History, type Load, loadAggregate, type Unit } from '../log/index.ts';
import type { Projection } from '../projection/index.ts';
import type { SagaDefinition, Signal } from '../saga/index.ts';
import type { Caller, Identity } from '../security/index.ts';
import type { SignalOutcome, Transaction } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { CallMetadata } from '../transport/index.ts';
import type { BaseContext, TransactionContext } from './context.ts';
import type { Workplace } from './workplace.ts';

// The contexts that handlers receive. Each property is a getter, so a handler pays only for what it takes out.

/** One piece of work for a service. */
export interface Task {
  /** An operation or an event, for log lines. */
  readonly what: string;
  readonly origin: CallMetadata;
  readonly signal: AbortSignal;
  /** Of a command. */
  readonly idempotencyKey?: string;
  /** What sagas that it starts refer back to: an operation, or the id of an event. */
  readonly cause?: string;
}

/** The transaction a task runs in. */
export interface Within {
  readonly tx: Transaction;
  readonly unit: Unit;
}

/** Common to every piece of work. */
export class Run implements BaseContext {
  readonly #work: Workplace;
  readonly #task: Task;

  constructor(work: Workplace, task: Task) {
    this.#work = work;
    this.#task = task;
  }

  get identity(): Identity {
    return this.#task.origin.identity;
  }
  get caller(): Caller {
    return this.#task.origin.caller;
  }
  get signal(): AbortSignal {
    return this.#task.signal;
  }
  get correlationId(): string {
    return this.#task.origin.correlationId;
  }
  get config(): unknown {
    return this.#work.config;
  }
  get log(): Logger {
    const { what, origin } = this.#task;
    return this.#work.log.child({ doing: what, correlationId: origin.correlationId, traceId: origin.trace.traceId });
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
  readonly #task: Task;
  readonly #deadline: number;

  constructor(work: Workplace, operation: Operation, task: Task) {
    super(work, task);
    this.#work = work;
    this.#operation = operation;
    this.#task = task;
    this.#deadline = work.runtime.clock.monotonic() + task.origin.remainingMs;
  }

  get idempotencyKey(): string | undefined {
    return this.#task.idempotencyKey;
  }
  get timeLeft(): () => number {
    return () => this.#deadline - this.#work.runtime.clock.monotonic();
  }
  get db(): Workplace['store']['reader'] {
    return this.#work.store.reader;
  }
  get calls(): Clients<Record<string, Contract>> {
    const { origin, signal } = this.#task;
    return this.#work.clients(this.#work.definition.calls, { origin, signal, deadline: this.#deadline });
  }
  get fail(): ReturnType<typeof failer> {
    return failer(this.#operation);
  }
  get load(): Load {
    // The aggregate passed in decides the state that comes back.
    return ((of, id, moment) => loadAggregate(this.#reading, { of, id }, moment)) as Load;
  }
  get history(): History {
    return createHistory(this.#reading);
  }
  get #reading() {
    const { store, definition, keepSnapshot } = this.#work;
    return { reader: store.events, contract: definition.contract, keepSnapshot };
  }
  get caughtUp(): (projection: Projection) => Promise<void> {
    return (projection) => this.#work.readModels.caughtUp(projection, this.signal);
  }
  get waitFor(): (projection: Projection, position: number, options?: { timeout?: Duration }) => Promise<void> {
    return (projection, position, { timeout } = {}) => {
      const timeoutMs = timeout === undefined ? undefined : durationMs(timeout);
      return this.#work.readModels.waitFor(projection, { position, timeoutMs }, this.signal);
    };
  }
}

/** The one transaction of an event handler. */
export class TransactionRun extends Run implements TransactionContext<unknown, never, unknown> {
  readonly #work: Workplace;
  readonly #task: Task;
  readonly #within: Within;

  constructor(work: Workplace, task: Task, within: Within) {
    super(work, task);
    this.#work = work;
    this.#task = task;
    this.#within = within;
  }

  get db(): Unit['db'] {
    return this.#within.unit.db;
  }
  get emit(): Unit['emit'] {
    return this.#within.unit.emit;
  }
  get load(): Load {
    return this.#within.unit.load;
  }
  get change(): Unit['change'] {
    return this.#within.unit.change;
  }
  get start(): (saga: SagaDefinition, input: unknown) => Promise<string> {
    const { origin, cause } = this.#task;
    const meta = { ...origin, causationId: cause };
    return (saga, input) => this.#work.sagas.begin(saga, { input, meta }, this.#within.tx);
  }
  get tell(): (saga: SagaDefinition, signal: Signal) => Promise<SignalOutcome> {
    return (saga, signal) => this.#work.sagas.tell(saga, signal, this.#within.tx);
  }
}

/** The one transaction of a command. */
export class CommandRun extends TransactionRun {
  readonly #operation: Operation;
  readonly #task: Task;

  constructor(work: Workplace, { operation, task }: { operation: Operation; task: Task }, within: Within) {
    super(work, task, within);
    this.#operation = operation;
    this.#task = task;
  }

  get idempotencyKey(): string | undefined {
    return this.#task.idempotencyKey;
  }
  get fail(): ReturnType<typeof failer> {
    return failer(this.#operation);
  }
}
