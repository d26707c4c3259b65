import { resolve } from 'node:path';
import type { OptionSpecs, OptionValues } from './command.ts';
import type { Runtime } from 'flotilla/kernel';
import type { InfrastructureSettings } from 'flotilla/system';
import { keyValues } from './option-values.ts';
import type { SystemFile } from './system-file.ts';

/** What decides the settings of a system. */
export const SETTINGS_OPTIONS = {
  data: { type: 'string', value: 'DIR', description: 'Data folder; .flotilla/<system> unless said' },
  store: { type: 'string', value: 'URL', description: 'Where services keep their data: sqlite (the default) or postgres://…' },
  bus: { type: 'string', value: 'URL', description: 'What carries their events: direct (the default) or nats://…' },
  profile: { type: 'string', value: 'NAME', description: 'Adds <NAME>.yaml of the configuration folder' },
  set: { type: 'string', value: 'KEY=VALUE', multiple: true, description: 'Overrides a setting' },
} as const satisfies OptionSpecs;

/** Where a system's files are and what the command line says about its settings. */
export function placesOf({ definition, baseFolder }: SystemFile, options: OptionValues<typeof SETTINGS_OPTIONS>) {
  return {
    baseFolder,
    dataFolder: resolve(options.data ?? `.flotilla/${definition.name}`),
    profile: options.profile,
    args: { ...keyValues('set', options.set), ...shortcut('store', options.store), ...shortcut('bus', options.bus) },
  };
}

/** What the command line, the environment and the configuration together say a system stands on. */
export async function infrastructureOf(
  system: SystemFile,
  options: OptionValues<typeof SETTINGS_OPTIONS>,
  runtime: Runtime,
): Promise<InfrastructureSettings> {
  const { infrastructureSchema, readSettings } = await import('flotilla/system');
  const settings = await readSettings(system.definition, { ...placesOf(system, options), runtime });
  return settings.section('infrastructure', infrastructureSchema);
}

/** `--store URL` is short for `--set infrastructure.store=URL`. */
function shortcut(key: 'store' | 'bus', value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [`infrastructure.${key}`]: value };
}
