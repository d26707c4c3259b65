import { systemRuntime as runtime } from 'flotilla/kernel';
import type { Store } from 'flotilla/store';
import type { Figures } from '../case.ts';
import { percentile } from '../stats.ts';

const LEASE_MS = 30_000;

/** Starts sagas one by one and claims each, so that a claim always finds exactly one; returns how long the claims took. */
export async function claimEach(store: Store, times: number): Promise<number[]> {
  const owner = runtime.ids();
  const tookMs: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const id = runtime.ids();
    const at = runtime.clock.now();
    const meta = { identity: { roles: [], scopes: [] }, correlationId: id };
    await store.sagas.insert({
      id,
      kind: 'four-steps',
      definitionVersion: '1',
      key: id,
      input: { id },
      meta,
      correlationId: id,
      at,
    });
    const before = performance.now();
    const [claimed] = await store.sagas.claim({ owner, kinds: ['four-steps'], limit: 1, leaseMs: LEASE_MS });
    tookMs.push(performance.now() - before);
    if (claimed?.saga.id !== id) throw new Error(`The claim brought ${claimed?.saga.id}, not ${id}.`);
    await store.sagas.advance({ id, fence: claimed.saga.fence, set: { status: 'done' }, at });
  }
  return tookMs;
}

export function claimFigures(tookMs: readonly number[]): Figures {
  const totalMs = tookMs.reduce((sum, ms) => sum + ms, 0);
  return { perSecond: (tookMs.length / totalMs) * 1_000, p50Ms: percentile(tookMs, 0.5), p99Ms: percentile(tookMs, 0.99) };
}
