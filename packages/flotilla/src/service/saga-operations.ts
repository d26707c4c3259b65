import { REPAIR_ACTS, type Act, type Coordinator } from '../saga/index.ts';
import type { ClaimedSaga, SagaStatus, Store, StoredEvent } from '../store/index.ts';
import type { SystemAnswer, SystemInput } from './system-input.ts';

export interface SagaOperationParts {
  readonly store: Store;
  readonly coordinator: Coordinator;
}

/** What one service knows of a conversation: the events it published, and the sagas it ran. */
export interface ConversationPart {
  readonly events: readonly StoredEvent[];
  readonly sagas: readonly ClaimedSaga[];
}

/** What operators see of a service's sagas, and what they do to them. */
export function sagaOperations({ store, coordinator }: SagaOperationParts): Record<string, SystemAnswer> {
  return {
    $sagas: async (input) => {
      const status = input.optionalText('status') as SagaStatus | undefined;
      const [kind, paused] = [input.optionalText('kind'), input.optionalFlag('paused')];
      const sagas = await coordinator.list({ kind, status, paused, limit: input.limit() });
      return { sagas, pauses: await store.sagas.pauses() };
    },
    $kinds: async () => ({ kinds: coordinator.kinds }),
    $saga: async (input) => await coordinator.show(input.text('id')),
    $repair: async (input) => {
      const act = input.oneOf('act', REPAIR_ACTS);
      const output = act === 'edit' ? input.any('output') : undefined;
      return { saga: await coordinator.repair({ ...actOf(input), act, output }) };
    },
    $cancel: async (input) => ({ saga: await coordinator.cancel(actOf(input)) }),
    $signal: async (input) => {
      return { saga: await coordinator.signal({ ...actOf(input), name: input.text('name'), data: input.any('data') }) };
    },
    $fork: async (input) => ({ fork: await coordinator.fork({ ...actOf(input), from: input.text('from') }) }),
    $pause: async (input) => {
      const act = input.oneOf('act', ['pause', 'resume']);
      if (input.optionalText('id') !== undefined) return { saga: await coordinator.pause(act, actOf(input)) };
      const kind = input.optionalText('kind');
      const scope = kind === undefined ? ({ service: true } as const) : { kind };
      const audit = { operator: input.text('operator'), reason: input.optionalText('reason') };
      return { changed: await coordinator.pauseMany({ act, scope, ...audit }) };
    },
    $conversation: async (input) => await conversationPart(store, input.text('correlationId'), input.limit()),
  };
}

function actOf(input: SystemInput): Act {
  return { id: input.text('id'), operator: input.text('operator'), reason: input.optionalText('reason') };
}

async function conversationPart({ events, sagas }: Store, correlationId: string, limit: number): Promise<ConversationPart> {
  const rows = await sagas.list({ correlationId, limit });
  const found = await Promise.all(rows.map(({ id }) => sagas.find(id)));
  return {
    events: await events.readCorrelated(correlationId, { after: 0, limit }),
    sagas: found.filter((saga) => saga !== undefined),
  };
}
