import { resolve } from 'node:path';
import type { OptionSpecs, OptionValues } from './command.ts';
import { keyValues } from './option-values.ts';
import type { SystemFile } from './system-file.ts';

/** What decides the settings of a system. */
export const SETTINGS_OPTIONS = {
  data: { type: 'string', value: 'DIR', description: 'Data folder; .flotilla/<system> unless said' },
  profile: { type: 'string', value: 'NAME', description: 'Adds <NAME>.yaml of the configuration folder' },
  set: { type: 'string', value: 'KEY=VALUE', multiple: true, description: 'Overrides a setting' },
} as const satisfies OptionSpecs;

/** Where a system's files are and what the command line says about its settings. */
export function placesOf({ definition, baseFolder }: SystemFile, options: OptionValues<typeof SETTINGS_OPTIONS>) {
  return {
    baseFolder,
    dataFolder: resolve(options.data ?? `.flotilla/${definition.name}`),
    profile: options.profile,
    args: keyValues('set', options.set),
  };
}
