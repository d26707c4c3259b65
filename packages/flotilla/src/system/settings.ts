import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { policiesSchema } from '../client/index.ts';
import { type Config, loadConfig } from '../config/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import { type GatewayConfig, parseGatewayConfig } from '../gateway/index.ts';
import { INFRASTRUCTURE_VARIABLES, infrastructureSchema } from './infrastructure-settings.ts';
import type { SystemDefinition } from './system.ts';

export interface SettingsOptions {
  /** Folder that the system's own paths are relative to. */
  readonly baseFolder: string;
  readonly dataFolder: string;
  readonly profile?: string | undefined;
  /** Settings from the command line, by dotted key. */
  readonly args?: Readonly<Record<string, string>> | undefined;
  readonly runtime: Runtime;
}

/** Reads the system's configuration and checks the settings of every service. `${FLOTILLA_DATA}` stands for the data folder. */
export async function readSettings(system: SystemDefinition, options: SettingsOptions): Promise<Config> {
  const { dataFolder, args, runtime } = options;
  const sections = system.services.flatMap(({ contract, config }) =>
    config ? [[`services.${contract.name}`, config] as const] : [],
  );
  return await loadConfig({
    name: system.name,
    sections: { ...Object.fromEntries(sections), policies: policiesOf(system), infrastructure: infrastructureSchema },
    variables: INFRASTRUCTURE_VARIABLES,
    folder: configFolder(system, options),
    profiles: profilesOf(options),
    args,
    runtime: { env: { ...runtime.env, FLOTILLA_DATA: dataFolder } },
  });
}

/** Undefined for a system without files of configuration. */
export function configFolder(system: SystemDefinition, { baseFolder }: Pick<SettingsOptions, 'baseFolder'>): string | undefined {
  return system.config === undefined ? undefined : resolve(baseFolder, system.config);
}

export function profilesOf({ profile }: Pick<SettingsOptions, 'profile'>): readonly string[] {
  return profile === undefined ? [] : profile.split(',');
}

/** The schema of what a system's configuration says about calls between its services. */
export function policiesOf(system: SystemDefinition): ReturnType<typeof policiesSchema> {
  return policiesSchema(system.services.map(({ contract }) => contract));
}

export function routesFile(system: SystemDefinition, baseFolder: string): string {
  return resolve(baseFolder, system.gateway ?? 'gateway.yaml');
}

/** Reads and checks the gateway's routes. Throws `INVALID_GATEWAY_CONFIG`, or `GATEWAY_CONFIG_MISSING` when there is no such file. */
export async function readRoutes(system: SystemDefinition, baseFolder: string): Promise<GatewayConfig> {
  const file = routesFile(system, baseFolder);
  const services = system.services.map(({ contract }) => contract.name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const message = `Can't read the gateway's routes at ${file}. Create the file or mend 'gateway' in the system.`;
    throw new FlotillaError('GATEWAY_CONFIG_MISSING', { kind: 'invalid', message, cause });
  }
  return parseGatewayConfig(text, file, { services });
}
