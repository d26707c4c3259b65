import { validateInput } from '../contract/index.ts';
import { copyJson, type Runtime } from '../kernel/index.ts';
import type { Identity } from '../security/index.ts';
import type { EventMeta, Transaction } from '../store/index.ts';
import { type TraceContext, traceparent } from '../telemetry/index.ts';
import type { SagaDefinition } from './definition.ts';

/** What a saga remembers of the work that started it: its steps act on behalf of the same user, in the same trace. */
export interface SagaMeta {
  readonly identity: Identity;
  readonly correlationId: string;
  readonly trace: TraceContext;
}

export interface SagaStart {
  readonly input: unknown;
  readonly meta: SagaMeta;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
}

/**
 * Starts a saga when the transaction commits. Returns its id, an earlier one's if the business key was used before. Throws
 * `INVALID_INPUT`.
 */
export async function startSaga(tx: Transaction, saga: SagaDefinition, { input, meta, runtime }: SagaStart): Promise<string> {
  const valid = await validateInput(saga.input, input, `The input of saga ${saga.name}`);
  const { identity, correlationId, trace } = meta;
  return await tx.sagas.insert({
    id: runtime.ids(),
    kind: saga.name,
    definitionVersion: saga.version,
    // The key function was declared for exactly what the schema lets through.
    key: saga.key(valid as never),
    input: copyJson(valid),
    meta: { identity, correlationId, trace } satisfies SagaMeta,
    at: runtime.clock.now(),
  });
}

/** How events that a saga leads to refer back to it. */
export function originOf(saga: { readonly id: string; readonly kind: string; readonly meta: unknown }): EventMeta {
  // Every saga of this store was inserted by `startSaga`.
  const { identity, correlationId, trace } = saga.meta as SagaMeta;
  return { correlationId, causationId: saga.id, traceparent: traceparent(trace), actor: identity.subject ?? `saga:${saga.kind}` };
}
