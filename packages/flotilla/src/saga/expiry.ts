import type { SagaSignal } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { SagaBench } from './flight.ts';

const MANY = 100;

/** Forgets signals whose saga never came, loudly: each leaves one `saga.signal-expired` and one error line. */
export async function expireSignals({ store, runtime, log }: Pick<SagaBench, 'store' | 'runtime' | 'log'>): Promise<number> {
  return await store.transact(async (tx) => {
    const expired = await tx.sagas.expireSignals(MANY);
    const at = runtime.clock.now();
    const events = expired.map(({ id: signal, kind, key, name, data }) => {
      const id = runtime.ids();
      return {
        type: 'saga.signal-expired',
        schemaVersion: 1,
        id,
        data: { signal, kind, key, name, data },
        meta: { correlationId: id },
        at,
      };
    });
    if (events.length > 0) await tx.events.append({ events });
    tx.afterCommit(() => expired.forEach((signal) => complain(log, signal)));
    return expired.length;
  });
}

function complain(log: Logger, { id: signal, kind, key, name, at }: SagaSignal): void {
  log.error({ signal, kind, key, name, at }, `nobody took the signal ${name} for saga ${kind} ${key}`);
}
