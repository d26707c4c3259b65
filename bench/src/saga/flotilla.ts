import { systemRuntime as runtime } from 'flotilla/kernel';
import { createCoordinator } from 'flotilla/saga';
import { anonymous } from 'flotilla/security';
import type { SagaStore } from 'flotilla/store';
import { createLogger, startTrace } from 'flotilla/telemetry';
import { compete, place } from '../contender/compete.ts';
import { openDriver } from '../store.ts';
import { fourSteps, voyages } from './four-steps.ts';

// Sagas from their start to the commit that ends them. The coordinator starts and runs them as it does in a service.

const store = await (await openDriver(place)).open('voyages', { migrations: {} });
const waiting = new Map<string, () => void>();

// Nobody waits for a saga in a service, so this is where the end of one is seen: when the write that says so is on disk. The method is
// replaced in place: a proxy would be on the way of every call, and cost as much as some of them.
const { sagas } = store;
const { advance } = sagas;
Object.assign(sagas, {
  async advance(change) {
    const written = await advance(change);
    if (written && change.set?.status === 'done') waiting.get(change.id)?.();
    return written;
  },
} satisfies Partial<SagaStore>);

const coordinator = createCoordinator({
  contract: voyages,
  sagas: [fourSteps],
  owner: runtime.ids(),
  clients: () => ({}),
  store,
  runtime,
  log: await createLogger(),
});
coordinator.start();

await compete({
  async call() {
    const id = runtime.ids();
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(id, resolve);
    const meta = { identity: anonymous, correlationId: id, trace: startTrace(runtime.random) };
    await coordinator.begin(fourSteps, { id, input: { id }, meta });
    await promise;
    waiting.delete(id);
  },
});
