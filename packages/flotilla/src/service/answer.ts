import { type Operation, validateInput, validateOutput } from '../contract/index.ts';
import { copyJson, FlotillaError, isFlotillaError, toFlotillaError } from '../kernel/index.ts';
import { decideAgain, openUnit } from '../log/index.ts';
import { authorise } from '../security/index.ts';
import type { Transaction } from '../store/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';
import { originOf } from './origin.ts';
import { createReplies, type Replies } from './replies.ts';
import { CommandRun, type Task, WaitingRun } from './runs.ts';
import type { AnyHandler } from './service.ts';
import type { Workplace } from './workplace.ts';

/** Answers one operation: authorise, validate, run, validate again. Composed once, when the service starts. */
export function answerer(work: Workplace, operation: Operation): CallHandler {
  const handler = work.definition.handlers[operation.name]!;
  const run = operation.kind === 'query' ? querying(work, operation, handler) : commanding(work, operation, handler);
  const what = `The input of ${operation.id}`;
  return async (call, signal) => {
    authorise(operation, call.metadata.identity, call.metadata.caller);
    const valid = validateInput(operation.input, call.input, what);
    const input = valid instanceof Promise ? await valid : valid;
    try {
      const output = run(input, call, signal);
      return output instanceof Promise ? await output : output;
    } catch (thrown) {
      throw await presentable(operation, thrown);
    }
  };
}

/** Waits for nothing that is there already: each wait costs a turn of all that follow it. */
type Run = (input: unknown, call: Call, signal: AbortSignal) => unknown;

function querying(work: Workplace, operation: Operation, handler: AnyHandler): Run {
  if (typeof handler !== 'function') throw misfit(operation, 'a query is one function');
  const valid = (output: unknown): unknown => validateOutput(operation.output, output, operation.id);
  return (input, { metadata }, signal) => {
    const output = handler(input, new WaitingRun(work, operation, { what: operation.id, origin: metadata, signal }));
    return isThenable(output) ? Promise.resolve(output).then(valid) : valid(output);
  };
}

/** Handlers are other people's code: a query builder is a promise to them, too. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function commanding(work: Workplace, operation: Operation, handler: AnyHandler): Run {
  const replies = createReplies(operation, work.secret);
  const run = performing(work, { operation, replies }, handler);
  return async (input, call, signal) => {
    try {
      return await run(input, call, signal);
    } catch (thrown) {
      const refusal = await presentable(operation, thrown);
      if (call.metadata.idempotencyKey === undefined || !isRefusal(operation, refusal)) throw thrown;
      return await refuse(work, { replies, call, signal }, refusal);
    }
  };
}

function performing(work: Workplace, { operation, replies }: Pick<Command, 'operation' | 'replies'>, handler: AnyHandler): Run {
  if (typeof handler === 'function') {
    return (input, call, signal) => {
      const task = taskOf(work, operation, { call, signal });
      return inOneTransaction(work, { operation, replies, call, task, commit: (context) => handler(input, context) });
    };
  }
  return async (input, call, signal) => {
    const task = taskOf(work, operation, { call, signal });
    const earlier = await replies.find(work.store.idempotency, call);
    if (earlier) return earlier.reply;
    const commit = await handler.prepare(input, new WaitingRun(work, operation, task));
    return await inOneTransaction(work, { operation, replies, call, task, commit });
  };
}

function taskOf(work: Workplace, operation: Operation, { call, signal }: { call: Call; signal: AbortSignal }): Task {
  const { metadata } = call;
  const idempotencyKey = metadata.idempotencyKey ?? work.runtime.ids();
  return { what: operation.id, origin: metadata, signal, idempotencyKey, cause: operation.id };
}

interface Command {
  readonly operation: Operation;
  readonly replies: Replies;
  readonly call: Call;
  readonly task: Task;
  readonly commit: (context: object) => unknown;
}

/** A command's writes, events, sagas, idempotency record and reply: together or not at all. */
function inOneTransaction(work: Workplace, { operation, replies, call, task, commit }: Command): Promise<unknown> {
  const { contract } = work.definition;
  const origin = originOf(call.metadata, operation.id);
  const command = async (tx: Transaction): Promise<unknown> => {
    const earlier = await replies.find(tx.idempotency, call);
    if (earlier) return earlier.reply;
    const { unit, flush } = openUnit({ tx, contract, runtime: work.runtime, origin, keepSnapshot: work.keepSnapshot });
    const output = await commit(new CommandRun(work, { operation, task }, { tx, unit }));
    const reply = copyJson(await validateOutput(operation.output, output, operation.id));
    await flush();
    await replies.keep(tx.idempotency, call, { answer: { reply }, at: work.runtime.clock.now() });
    return reply;
  };
  const { store, runtime } = work;
  return decideAgain({ runtime, signal: task.signal }, () => store.transact(command, { signal: task.signal }));
}

/** The contract's own no, which trying again would not change. */
function isRefusal({ errors }: Operation, { code, retryable }: FlotillaError): boolean {
  return !retryable && errors[code] !== undefined;
}

/**
 * Keeps a refusal under the call's key, as if it were a reply. Its caller goes by it that nothing happened, so a copy of the call that
 * comes late must not succeed. Answers what the key was answered meanwhile, if it was; throws the refusal otherwise.
 */
async function refuse(
  { store, runtime }: Workplace,
  { replies, call, signal }: Pick<Command, 'replies' | 'call'> & { readonly signal: AbortSignal },
  refusal: FlotillaError,
): Promise<unknown> {
  const { code, kind, message, details } = refusal;
  const earlier = await store.transact(
    async ({ idempotency }) => {
      const found = await replies.find(idempotency, call);
      if (found) return found;
      const answer = { refusal: { code, kind, message, details } };
      await replies.keep(idempotency, call, { answer, at: runtime.clock.now() });
      return undefined;
    },
    { signal },
  );
  if (earlier) return earlier.reply;
  throw refusal;
}

/** Codes that the platform itself raises while a handler runs and that every caller understands. */
const OUR_OWN: ReadonlySet<string> = new Set([
  'VERSION_CONFLICT',
  'VERSION_OUTDATED',
  'IDEMPOTENCY_KEY_REUSED',
  'INVALID_OUTPUT',
  'INVALID_EVENT',
]);
const PASSING: ReadonlySet<string> = new Set(['unavailable', 'timeout', 'cancelled', 'exhausted']);

/**
 * What a caller may see of a failure. Declared errors pass when their details keep the contract, and so does the news that
 * something is down or late; a neighbour's private errors and surprises become `INTERNAL`, with the truth as `cause` for the log.
 */
export async function presentable(operation: Operation, thrown: unknown): Promise<FlotillaError> {
  const error = toFlotillaError(thrown);
  if (!isFlotillaError(thrown)) return error;
  const declared = operation.errors[error.code];
  if (declared) {
    try {
      await validateOutput(declared.details, error.details, `${operation.id}: the details of ${error.code}`);
      return error;
    } catch (broken) {
      return toFlotillaError(broken);
    }
  }
  if (OUR_OWN.has(error.code)) return error;
  if (PASSING.has(error.kind)) return secondHand(error);
  return new FlotillaError('INTERNAL', { kind: 'internal', message: 'The operation failed unexpectedly.', cause: error });
}

/** News about a neighbour of ours. What its details say is true of our call to it, not of the call to us. */
function secondHand({ code, kind, message, retryable, details, cause }: FlotillaError): FlotillaError {
  const { retryAfterMs } = (details ?? {}) as { retryAfterMs?: number };
  return new FlotillaError(code, {
    kind,
    message,
    retryable,
    cause,
    ...(retryAfterMs !== undefined && { details: { retryAfterMs } }),
  });
}

function misfit(operation: Operation, why: string): FlotillaError {
  return new FlotillaError('INVALID_SERVICE', {
    kind: 'invalid',
    message: `The handler of ${operation.id} does not fit: ${why}.`,
  });
}
