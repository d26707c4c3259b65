import type { ClaimedSaga, InsertedSaga, NewSaga, SagaAdvance } from '../store/index.ts';
import { newSaga, type SuiteStore } from './store-suite-place.ts';

export const LEASE_MS = 200;

type ClaimOptions = Partial<Parameters<SuiteStore['sagas']['claim']>[0]>;

export function insertSaga(store: SuiteStore, id: string, set?: Partial<NewSaga>): Promise<InsertedSaga> {
  return store.transact((tx) => tx.sagas.insert(newSaga(id, set)));
}

export function claim(store: SuiteStore, owner = 'me', options?: ClaimOptions): Promise<ClaimedSaga[]> {
  return store.sagas.claim({ owner, kinds: ['order'], limit: 10, leaseMs: LEASE_MS, ...options });
}

export function idsOf(claims: readonly ClaimedSaga[]): string[] {
  return claims.map(({ saga }) => saga.id).sort();
}

/** Starts a saga and claims it; the store holds no other that is due. */
export async function claimed(store: SuiteStore, id: string, set?: Partial<NewSaga>): Promise<{ id: string; fence: number }> {
  await insertSaga(store, id, set);
  const [first] = await claim(store, 'me', { limit: 1, ...(set?.kind && { kinds: [set.kind] }) });
  return { id, fence: first!.saga.fence };
}

export function step(held: { id: string; fence: number }, set: Partial<SagaAdvance> = {}): SagaAdvance {
  return { id: held.id, fence: held.fence, at: 2, ...set };
}

/** Lets go of a saga until a signal comes, or the time. */
export function awaiting(held: { id: string; fence: number }, awaits: string, wakeAt: number): SagaAdvance {
  return step(held, { set: { status: 'waiting', awaits, wakeAt }, release: true });
}
