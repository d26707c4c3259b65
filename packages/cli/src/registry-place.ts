import { systemRuntime as runtime } from 'flotilla/kernel';
import { type OptionSpecs, type OptionValues, wrongUsage } from './command.ts';
import type { RegistryPlace } from './registry.ts';
import { REMOTE_OPTIONS } from './remote.ts';
import { findRunning } from './running.ts';

/** Options of commands that work on the registry itself. */
export const REGISTRY_OPTIONS = {
  ...REMOTE_OPTIONS,
  store: { type: 'string', value: 'URL', description: 'The store the system was started with; FLOTILLA_STORE unless said' },
} as const satisfies OptionSpecs;

/**
 * Where the registry of a running system is. Throws `SYSTEM_NOT_RUNNING` when it has to be found and none runs here, and
 * `WRONG_USAGE` when it is on a server that nobody names.
 */
export async function registryPlace(options: OptionValues<typeof REGISTRY_OPTIONS>): Promise<RegistryPlace> {
  const { listRunning } = await import('flotilla/store/sqlite');
  const folder = options.data ?? (await findRunning(undefined)).folder;
  const store = options.store ?? runtime.env['FLOTILLA_STORE'];
  if (store !== undefined) return { folder, store };
  const kinds = (await listRunning(folder)).map((one) => one.store ?? 'sqlite');
  const other = kinds.find((kind) => kind !== 'sqlite');
  if (other === undefined) return { folder, store: 'sqlite' };
  throw wrongUsage(`This system's registry is in ${other}: say --store URL as it was started with, or set FLOTILLA_STORE`);
}
