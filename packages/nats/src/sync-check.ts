import { type Clock, deadlineExceeded, type FlotillaError, withTimeout } from 'flotilla/kernel';
import type { Logger } from 'flotilla/telemetry';
import type { NatsAddress } from './address.ts';

const LOOK_TIMEOUT_MS = 2_000;
const NANOS_PER_SECOND = 1e9;
/** Of servers that don't say: before 2.10 it can't be set. */
const DEFAULT_SYNC_SECONDS = 120;

export interface SyncCheckOptions {
  readonly address: Pick<NatsAddress, 'shown' | 'sync' | 'monitor'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Warns when the server may forget in a power failure what it had taken, because it writes to disk now and then only. Clients can't
 * ask a server for that setting: either its monitoring endpoint tells, or the operator does, in the URL of the bus.
 */
export async function warnOfLateSync({ address, clock, log }: SyncCheckOptions): Promise<void> {
  if (address.sync !== undefined) return;
  const bus = address.shown;
  if (address.monitor === undefined) {
    log.warn({ bus }, `can't see how often NATS writes to disk. ${CONSEQUENCE} ${REMEDY}`);
    return;
  }
  try {
    const seconds = await readSyncSeconds(address.monitor, clock);
    if (seconds === 0) return;
    log.warn({ bus, syncIntervalSeconds: seconds }, `NATS writes to disk only every ${seconds} s. ${CONSEQUENCE} ${REMEDY}`);
  } catch (thrown) {
    log.warn(
      { bus, monitor: address.monitor, err: thrown },
      `can't read how often NATS writes to disk. ${CONSEQUENCE} ${REMEDY}`,
    );
  }
}

const CONSEQUENCE =
  'A power failure may take from it what it had acknowledged; events are then sent again from the log, which is slower but loses nothing.';
const REMEDY =
  "Set 'sync_interval: always' in its jetstream block (from 2.10 on) and say '?sync=always' in the URL of the bus, or '?sync=accepted'.";

/** 0 when it writes at once. Rejects when the endpoint does not answer as NATS does. */
async function readSyncSeconds(monitor: string, clock: Clock): Promise<number> {
  const onTimeout = (): FlotillaError => deadlineExceeded(`Reading ${monitor}`);
  const answer: unknown = await withTimeout({ clock, timeoutMs: LOOK_TIMEOUT_MS, onTimeout }, async (signal) =>
    (await fetch(new URL('/varz', monitor), { signal })).json(),
  );
  // Every part is optional, so any shape of answer is looked into safely.
  const { jetstream } = answer as { jetstream?: { config?: { sync_always?: boolean; sync_interval?: number } } };
  if (jetstream?.config?.sync_always === true) return 0;
  const nanos = jetstream?.config?.sync_interval;
  return nanos === undefined ? DEFAULT_SYNC_SECONDS : nanos / NANOS_PER_SECOND;
}
