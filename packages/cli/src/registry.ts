import type { InstanceStatus, Registry } from 'flotilla/discovery';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { type Logger, silentLogger } from 'flotilla/telemetry';
import type { Style } from './terminal.ts';

/** The registry that the processes on a data folder share. */
export async function openRegistry(folder: string, log: Logger = silentLogger): Promise<Registry> {
  // Only now, so that help and mistakes are answered without loading it.
  const { sqliteRegistry } = await import('flotilla/discovery');
  return sqliteRegistry({ folder, runtime, log });
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
