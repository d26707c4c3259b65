import { type Duration, durationMs, FlotillaError, type Runtime, withTimeout } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import type { Health } from '../telemetry/index.ts';

const PATIENCE: Duration = '2s';

/** Asks the database whether it can still be read and written. */
export async function storeHealth(store: Store, { clock }: Pick<Runtime, 'clock'>): Promise<Health> {
  const onTimeout = (): FlotillaError =>
    new FlotillaError('STORE_SLOW', { kind: 'timeout', message: `The database did not answer within ${PATIENCE}.` });
  try {
    await withTimeout({ clock, timeoutMs: durationMs(PATIENCE), onTimeout }, (signal) => store.check(signal));
    return { status: 'UP' };
  } catch (thrown) {
    return { status: 'DOWN', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
