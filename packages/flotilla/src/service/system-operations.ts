import { FlotillaError } from '../kernel/index.ts';
import type { EventMessage, Inbox } from '../messaging/index.ts';
import type { ReadModels } from '../projection/index.ts';
import type { Coordinator } from '../saga/index.ts';
import type { Store } from '../store/index.ts';
import type { CallHandler } from '../transport/index.ts';
import { logOperations } from './log-operations.ts';
import { sagaOperations } from './saga-operations.ts';
import type { ServiceDefinition } from './service.ts';
import { type SystemAnswer, SystemInput } from './system-input.ts';
import type { ServiceVitals } from './vitals.ts';

/** Operations that every service answers to the rest of its system: event delivery, and what operators look at and repair. */
export interface SystemOperationParts {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  readonly readModels: ReadModels;
  readonly inbox: Inbox;
  readonly coordinator: Coordinator;
  readonly vitals: () => ServiceVitals;
}

export function systemOperations(parts: SystemOperationParts): ReadonlyMap<string, CallHandler> {
  const { inbox, vitals } = parts;
  const answers: Record<string, SystemAnswer> = {
    $deliver: async (input, signal) => await inbox.deliver(input.list<EventMessage>('batch'), signal).then(() => null),
    $vitals: async () => vitals(),
    ...logOperations(parts),
    ...sagaOperations(parts),
    $parked: async (input) => ({ messages: await inbox.parked(input.limit()) }),
    $unpark: async (input) => await inbox.unpark(input.text('consumer'), input.text('messageId')).then(() => null),
  };
  return new Map(Object.entries(answers).map(([name, answer]) => [name, guarded(name, answer)]));
}

function guarded(name: string, answer: SystemAnswer): CallHandler {
  return async ({ input, metadata }, signal) => {
    if (!metadata.caller.internal) {
      throw new FlotillaError('FORBIDDEN', {
        kind: 'forbidden',
        message: `${name} is for services and operators of this system only.`,
      });
    }
    return await answer(new SystemInput(name, input), signal);
  };
}
