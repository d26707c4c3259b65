import { operationsOf } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { Call, CallHandler, ItemsHandler } from '../transport/index.ts';
import { answerer } from './answer.ts';
import { streamAnswerer } from './answer-stream.ts';
import type { Workplace } from './workplace.ts';

/** Who answers which operation. */
export interface Answers {
  readonly call: CallHandler;
  readonly subscribe: ItemsHandler;
  /** Operations that are not of the contract. */
  add(handlers: ReadonlyMap<string, CallHandler>): void;
}

export function createAnswers(work: Workplace): Answers {
  const calls = new Map<string, CallHandler>();
  const streams = new Map<string, ItemsHandler>();
  for (const operation of operationsOf(work.definition.contract)) {
    if (operation.kind === 'stream') streams.set(operation.name, streamAnswerer(work, operation));
    else calls.set(operation.name, answerer(work, operation));
  }
  return {
    call: (call, signal) => (calls.get(call.operation) ?? unknownOperation)(call, signal),
    subscribe: (call, signal) => (streams.get(call.operation) ?? unknownOperation)(call, signal),
    add: (handlers) => handlers.forEach((handler, name) => calls.set(name, handler)),
  };
}

async function unknownOperation({ service, operation }: Call): Promise<never> {
  const message = `The service '${service}' has no operation '${operation}'.`;
  throw new FlotillaError('UNKNOWN_OPERATION', { kind: 'not-found', message });
}
