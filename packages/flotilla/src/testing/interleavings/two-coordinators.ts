import * as z from 'zod';
import { contract } from '../../contract/index.ts';
import { createCoordinator, saga, type SagaDefinition, startSaga } from '../../saga/index.ts';
import { anonymous } from '../../security/index.ts';
import type { Store } from '../../store/index.ts';
import { silentLogger, startTrace } from '../../telemetry/index.ts';
import type { Bounds } from './conductor.ts';
import type { Dock, Worker } from './dock.ts';
import type { Try } from './every-order.ts';
import type { Gate } from '../simulator/gated-store.ts';
import { fencesHold } from '../simulator/invariants.ts';
import type { Process } from '../simulator/process.ts';
import { withMethods } from '../with-methods.ts';

export const hauling = contract('hauling', { version: '1.0.0', team: 'afloat' });

const STEPS = ['one', 'two'];

/** Two processes of one service and a saga of two steps: claims, leases and fences in every order. */
export function twoCoordinators(dock: Dock, bounds: Bounds): Try {
  const store = dock.store(hauling.name);
  return async (choices) => {
    dock.reset();
    const { conductor, worker } = dock.conduct(choices, bounds);
    const workers = ['left', 'right'].map(worker);
    const effects = new Set<string>();
    const lost = new Set<Process>();
    const trespasses: string[] = [];
    const act: Act = async (process, { sagaId, step, key }) => {
      effects.add(key);
      if (lost.has(process)) trespasses.push(`E4: ${process.name} acts for a saga that it lost`);
      const { journal } = (await store.sagas.find(sagaId))!;
      const isMeant = journal.some((line) => line.step === step && line.status === 'started');
      if (!isMeant) trespasses.push(`E1: ${process.name} acts before it is written down`);
    };
    const trips = workers.map((one) => tripOf(one, act, conductor.gate));
    const { runtime } = workers[0]!;
    const meta = { identity: anonymous, correlationId: 'c', trace: startTrace(runtime.random) };
    const id = await store.transact((tx) => startSaga(tx, trips[0]!, { input: {}, meta, runtime }));
    for (const [index, one] of workers.entries()) {
      const { runtime: own } = one;
      createCoordinator({
        contract: hauling,
        sagas: [trips[index]!],
        store: noticing(one.store(hauling.name), { process: one.process, lost }),
        clients: () => ({}),
        runtime: own,
        log: silentLogger,
        owner: one.process.name,
      }).start();
    }
    await conductor.run(async () => (await store.sagas.find(id))!.saga.status === 'done');
    for (const { process } of workers) process.kill();
    const { journal } = (await store.sagas.find(id))!;
    const succeeded = journal.filter(({ status }) => status === 'ok').map(({ step }) => step);
    return {
      conductor,
      broken: [
        ...fencesHold(dock.ledger),
        ...trespasses,
        ...(effects.size === STEPS.length ? [] : [`E1: ${effects.size} effects`]),
        ...(succeeded.join() === STEPS.join() ? [] : [`E2: the journal says that ${succeeded.join(', ')} succeeded`]),
      ],
    };
  };
}

/** Notes which process was told that it has the saga no more. */
function noticing(store: Store, { process, lost }: { process: Process; lost: Set<Process> }): Store {
  const { sagas } = store;
  return withMethods(store, {
    sagas: withMethods(sagas, {
      claim: async (options) => {
        const claimed = await sagas.claim(options);
        if (claimed.length > 0) lost.delete(process);
        return claimed;
      },
      advance: async (change) => {
        const accepted = await sagas.advance(change);
        if (!accepted) lost.add(process);
        return accepted;
      },
    }),
  });
}

type Act = (process: Process, deed: { sagaId: string; step: string; key: string }) => Promise<void>;

/** Its steps do something outside, once under their key. */
function tripOf({ process }: Worker, act: Act, gate: Gate): SagaDefinition {
  const run =
    (step: string) =>
    ({ sagaId, idempotencyKey: key }: { sagaId: string; idempotencyKey: string }): Promise<void> =>
      gate(process, 'acts', () => act(process, { sagaId, step, key }));
  return STEPS.reduce(
    (trip, step) => trip.step(step, { run: run(step) }) as never,
    saga('trip', { input: z.object({}), key: () => 'k', contract: hauling }),
  );
}
