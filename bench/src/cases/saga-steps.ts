import { systemRuntime as runtime } from 'flotilla/kernel';
import { createCoordinator, startSaga } from 'flotilla/saga';
import { anonymous } from 'flotilla/security';
import type { Store } from 'flotilla/store';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { createLogger, startTrace } from 'flotilla/telemetry';
import type { BenchCase, Figures } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { fourSteps, STEPS, voyages } from '../saga/four-steps.ts';

/** How fast sagas move when each step is journalled before and after it, flushed to disk. */
export const sagaSteps: BenchCase = {
  name: 'saga-steps',
  title: 'sagas of four local steps that do nothing, on SQLite with synchronous=FULL; a backlog worked off in one process',
  async open() {
    await using scope = new AsyncDisposableStack();
    const folder = scope.use(await temporaryFolder());
    const driver = scope.use(sqliteDriver({ folder: folder.path, runtime }));
    const store = await driver.open('voyages', { migrations: {} });
    const opened = scope.move();
    return {
      round: async () => ({
        ...(await workOff(store, { sagas: 200, inFlight: 1 })),
        ...(await workOff(store, { sagas: 2_000, inFlight: 64 })),
        ...(await workOff(store, { sagas: 2_000, inFlight: 256 })),
      }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};

/** Starts all sagas first, then lets a coordinator loose on them until the last one is done. */
async function workOff(store: Store, { sagas, inFlight }: { sagas: number; inFlight: number }): Promise<Figures> {
  await Promise.all(Array.from({ length: sagas }, () => begin(store)));
  const allDone = Promise.withResolvers<void>();
  let done = 0;
  const counted = fourSteps.done(() => void ((done += 1) === sagas && allDone.resolve()));
  await using coordinator = createCoordinator({
    contract: voyages,
    sagas: [counted],
    concurrency: inFlight,
    owner: runtime.ids(),
    clients: () => ({}),
    store,
    runtime,
    log: await createLogger(),
  });
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  coordinator.start();
  await allDone.promise;
  // The end of the last saga is in a unit that is about to commit; this one comes after it.
  await store.transact(() => undefined);
  const seconds = (performance.now() - start) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const steps = sagas * STEPS;
  return {
    [`steps/s, ${inFlight} in flight`]: steps / seconds,
    [`CPU µs per step, ${inFlight} in flight`]: (cpu.user + cpu.system) / steps,
  };
}

function begin(store: Store): Promise<string> {
  const meta = { identity: anonymous, correlationId: runtime.ids(), trace: startTrace(runtime.random) };
  return store.transact((tx) => startSaga(tx, fourSteps, { input: { id: runtime.ids() }, meta, runtime }));
}
