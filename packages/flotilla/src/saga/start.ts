import { validateInput } from '../contract/index.ts';
import { copyJson, type Runtime } from '../kernel/index.ts';
import type { Identity } from '../security/index.ts';
import type { ClaimedSaga, EventMeta, InsertedSaga, NewSaga, ParentSaga, SagaStore, Transaction } from '../store/index.ts';
import { type TraceContext, traceparent } from '../telemetry/index.ts';
import type { SagaDefinition } from './definition.ts';
import type { Attempt } from './move.ts';
import { nextMove } from './next-move.ts';

/** What a saga remembers of the work that started it: its steps act on behalf of the same user, in the same trace. */
export interface SagaMeta {
  readonly identity: Identity;
  readonly correlationId: string;
  readonly trace: TraceContext;
  /** Id of the event, call or saga that led to it. */
  readonly causationId?: string | undefined;
}

export interface SagaStart {
  readonly input: unknown;
  readonly meta: SagaMeta;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  /** A new one unless said. */
  readonly id?: string;
  readonly parent?: ParentSaga;
  readonly berth?: Berth;
}

/** Where a saga can go on in the very process that starts it, without a claim. */
export interface Berth {
  /** The claim it is born with; undefined when there is no room. */
  claim(): { readonly owner: string; readonly leaseMs: number } | undefined;
  /** Takes over, once the start is on disk, a saga whose claim was asked for at this monotonic time. */
  launch(claimed: ClaimedSaga, birth: { askedAt: number; begun: readonly Attempt[] }): void;
}

/**
 * Starts a saga when the transaction commits. Returns its id, an earlier one's if the business key was used before. Throws
 * `INVALID_INPUT`.
 */
export async function startSaga(tx: Transaction, saga: SagaDefinition, start: SagaStart): Promise<string> {
  const { id, launch } = await insert(tx.sagas, saga, start);
  if (launch) tx.afterCommit(launch);
  return id;
}

/** As `startSaga`, in a write of its own. */
export async function startAlone(
  { sagas }: { readonly sagas: SagaStore },
  saga: SagaDefinition,
  start: SagaStart,
): Promise<string> {
  const { id, launch } = await insert(sagas, saga, start);
  launch?.();
  return id;
}

type Insert = Pick<SagaStore, 'insert'>;

async function insert(sagas: Insert, saga: SagaDefinition, start: SagaStart): Promise<{ id: string; launch?: () => void }> {
  const { berth, runtime } = start;
  const row = newSaga(saga, start, await validateInput(saga.input, start.input, `The input of saga ${saga.name}`));
  const claim = berth?.claim();
  if (!berth || !claim) return await sagas.insert(row);
  const begun = firstAttempts(saga, row.at);
  const entries = begun.map(({ step, direction, attempt }) => {
    return { step: step.name, direction, attempt, status: 'started', at: row.at } as const;
  });
  const askedAt = runtime.clock.monotonic();
  const inserted = await sagas.insert({ ...row, claim: { ...claim, entries } });
  const born = bornClaimed(row, inserted, claim.owner);
  if (!born) return inserted;
  return { id: row.id, launch: () => berth.launch({ saga: born, journal: entries, signals: [] }, { askedAt, begun }) };
}

function newSaga(saga: SagaDefinition, { id, meta, runtime, parent }: SagaStart, input: unknown): NewSaga {
  const { identity, correlationId, trace, causationId } = meta;
  return {
    id: id ?? runtime.ids(),
    kind: saga.name,
    definitionVersion: saga.version,
    // The key function was declared for exactly what the schema lets through.
    key: saga.key(input as never),
    input: copyJson(input),
    meta: { identity, correlationId, trace, causationId: parent?.id ?? causationId } satisfies SagaMeta,
    correlationId,
    parent,
    at: runtime.clock.now(),
  };
}

/** What a new saga begins with, if that is steps. */
function firstAttempts(definition: SagaDefinition, now: number): readonly Attempt[] {
  const move = nextMove({ definition, journal: [], phase: 'forward', signals: [], now });
  return move.kind === 'attempt' ? move.attempts : [];
}

function bornClaimed(row: NewSaga, { leaseUntil }: InsertedSaga, owner: string): ClaimedSaga['saga'] | undefined {
  if (leaseUntil === undefined) return undefined;
  const state = { status: 'running', phase: 'forward', wakeAt: row.at, awaits: undefined, paused: false } as const;
  return { ...row, ...state, owner, fence: 1, leaseUntil, reason: undefined, updatedAt: row.at };
}

/** How events that a saga leads to refer back to it. */
export function originOf(saga: { readonly id: string; readonly kind: string; readonly meta: unknown }): EventMeta {
  // Every saga of this store was inserted by `startSaga`.
  const { identity, correlationId, trace } = saga.meta as SagaMeta;
  return { correlationId, causationId: saga.id, traceparent: traceparent(trace), actor: identity.subject ?? `saga:${saga.kind}` };
}
