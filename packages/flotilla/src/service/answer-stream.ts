import { type Operation, validateInput, validateOutput } from '../contract/index.ts';
import { FlotillaError, untilLeft } from '../kernel/index.ts';
import { authorise } from '../security/index.ts';
import type { ItemsHandler } from '../transport/index.ts';
import { presentable } from './answer.ts';
import { StreamRun } from './stream-run.ts';
import type { Workplace } from './workplace.ts';

/**
 * Answers one stream: authorise, validate, open, then validate item by item. What the handler does before it returns its items
 * decides whether the call is accepted.
 */
export function streamAnswerer(work: Workplace, operation: Operation): ItemsHandler {
  const handler = work.definition.handlers[operation.name]!;
  if (typeof handler !== 'function') throw misfit(operation);
  return async (call, signal) => {
    const { metadata } = call;
    authorise(operation, metadata.identity, metadata.caller);
    const input = await validateInput(operation.input, call.input, `The input of ${operation.id}`);
    try {
      const run = new StreamRun(work, operation, { what: operation.id, origin: metadata, signal });
      // `service` has checked that the handlers of streams return items.
      const items = (await handler(input, run)) as AsyncIterable<unknown>;
      return valid(operation, untilLeft(items, signal));
    } catch (thrown) {
      throw await presentable(operation, thrown);
    }
  };
}

async function* valid(operation: Operation, items: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
  try {
    for await (const item of items) yield await validateOutput(operation.output, item, `An item of ${operation.id}`);
  } catch (thrown) {
    throw await presentable(operation, thrown);
  }
}

function misfit({ id }: Operation): FlotillaError {
  const message = `The handler of ${id} does not fit: a stream is one function.`;
  return new FlotillaError('INVALID_SERVICE', { kind: 'invalid', message });
}
