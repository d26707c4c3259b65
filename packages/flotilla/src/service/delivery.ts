import { linkSignal } from '../kernel/index.ts';
import { openUnit } from '../log/index.ts';
import type { OpenContext } from '../messaging/index.ts';
import { anonymous } from '../security/index.ts';
import { startTrace } from '../telemetry/index.ts';
import type { CallMetadata } from '../transport/index.ts';
import { originOf } from './origin.ts';
import { TransactionRun } from './runs.ts';
import type { Workplace } from './workplace.ts';

/** What an event handler works with: a transaction, on behalf of nobody in particular, tied to what led to the event. */
export function deliveryContext(work: Workplace): OpenContext {
  // An event waits for nobody: once it is here, only the transaction's own time limit ends its handling.
  const { signal } = linkSignal();
  return async (tx, event) => {
    const origin: CallMetadata = {
      identity: anonymous,
      caller: { internal: true, name: `event:${event.type}` },
      trace: startTrace(work.runtime.random),
      correlationId: event.correlationId,
      remainingMs: Number.POSITIVE_INFINITY,
      attempt: 1,
    };
    const { contract } = work.definition;
    const { runtime, keepSnapshot } = work;
    const { unit, flush } = openUnit({ tx, contract, runtime, keepSnapshot, origin: originOf(origin, event.id) });
    return {
      context: new TransactionRun(work, { what: event.type, origin, signal, cause: event.id }, { tx, unit }),
      finish: flush,
    };
  };
}
