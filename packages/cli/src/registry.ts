import type { InstanceStatus, Registry } from 'flotilla/discovery';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { type Logger, silentLogger } from 'flotilla/telemetry';
import { driver } from './infrastructure.ts';
import type { Style } from './terminal.ts';

/** What leads to the registry of a system. */
export interface RegistryPlace {
  readonly folder: string;
  readonly store: string;
}

/** The registry that the processes of a system share: beside their data. */
export async function openRegistry({ folder, store }: RegistryPlace, log: Logger = silentLogger): Promise<Registry> {
  // Only now, so that help and mistakes are answered without loading them.
  if (store === 'sqlite') {
    const { sqliteRegistry } = await import('flotilla/discovery');
    return sqliteRegistry({ folder, runtime, log });
  }
  const { postgresRegistry } = await driver('@flotilla/postgres', () => import('@flotilla/postgres'));
  return postgresRegistry({ url: store, runtime, log });
}

const STATUS_STYLES = {
  passing: 'green',
  warning: 'yellow',
  draining: 'yellow',
  starting: 'cyan',
  critical: 'red',
} as const satisfies Record<InstanceStatus, Style>;

/** The colour that says how fit an instance is. */
export function statusStyle(status: InstanceStatus): Style {
  return STATUS_STYLES[status];
}
