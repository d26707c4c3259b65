import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { Config } from 'flotilla/config';
import { digest, type Runtime } from 'flotilla/kernel';
import type { SystemDefinition } from 'flotilla/system';
import type { OptionValues } from '../command.ts';
import { GATEWAY } from '../gateway-name.ts';
import { placesOf, type SETTINGS_OPTIONS } from '../settings.ts';
import { loadSystemFile, type SystemFile } from '../system-file.ts';
import { createFileMarks } from './file-marks.ts';
import { type ImportGraph, recordImports } from './import-graph.ts';

/** What of a system can run in a process of its own: a service, or the gateway. */
export interface Part {
  readonly name: string;
  /** The services it calls. */
  readonly calls: readonly string[];
  /** Everything that a running process of this part was made from, each with a mark that changes when it changes. */
  readonly madeFrom: Readonly<Record<string, string>>;
}

/** A system as its files say it now. It is plain data: it crosses the border of a process. */
export interface Survey {
  readonly parts: readonly Part[];
  /** Where files lie that parts are made from. */
  readonly folders: readonly string[];
}

/** Loads a system, checks its settings and routes, and finds out which files each part is made from. */
export async function takeSurvey(
  file: string,
  options: OptionValues<typeof SETTINGS_OPTIONS>,
  runtime: Runtime,
): Promise<{ system: SystemFile; survey: Survey }> {
  using graph = recordImports();
  const system = await loadSystemFile(file);
  const { definition, baseFolder } = system;
  const { readRoutes, readSettings } = await import('flotilla/system');
  const settings = await readSettings(definition, { ...placesOf(system, options), runtime });
  if (definition.gateway !== undefined) await readRoutes(definition, baseFolder);
  // Node knows modules by their real paths.
  return { system, survey: await surveyOf({ definition, settings }, await realpath(file), graph) };
}

interface Configured {
  readonly definition: SystemDefinition;
  readonly settings: Config;
}

async function surveyOf({ definition, settings }: Configured, file: string, graph: ImportGraph): Promise<Survey> {
  const { calledBy } = await import('flotilla/system');
  const folder = dirname(file);
  const folderUrl = `${pathToFileURL(folder).href}/`;
  const systemUrl = pathToFileURL(file).href;
  const own = graph.reachable(systemUrl, folderUrl);
  const homes = await homesOf(definition, own);
  const marks = createFileMarks(folder);
  const beside = [definition.config, definition.gateway && dirname(definition.gateway)];

  const services = definition.services.map(async (service): Promise<Part> => {
    const { name } = service.contract;
    const modules = graph.reachable(homes.get(service) ?? systemUrl, folderUrl).add(systemUrl);
    const files = await marks([...modules].map((url) => fileURLToPath(url)));
    // Policies and routes are not among them: running processes take those up themselves.
    const told = { 'its settings': settingsOf(service, settings), 'who waits for its events': listenersOf(name, definition) };
    return { name, calls: calledBy(service), madeFrom: { ...files, ...told } };
  });
  const parts = await Promise.all(services);
  if (definition.gateway !== undefined) parts.push({ name: GATEWAY, calls: [], madeFrom: await marks([file]) });
  const homeFolders = [...own].map((url) => dirname(fileURLToPath(url)));
  const folders = beside.flatMap((path) => (path === undefined ? [] : [resolve(folder, path)]));
  return { parts, folders: [...new Set([...homeFolders, ...folders])] };
}

type Service = SystemDefinition['services'][number];

/** The module that exports each service. They are all loaded, so that importing them again runs nothing. */
async function homesOf({ services }: SystemDefinition, modules: ReadonlySet<string>): Promise<Map<Service, string>> {
  const wanted = new Set<unknown>(services);
  const homes = new Map<Service, string>();
  for (const url of modules) {
    const exported = Object.values((await import(url)) as Record<string, unknown>);
    // What is in `wanted` is a service.
    for (const value of exported) if (wanted.has(value)) homes.set(value as Service, url);
  }
  return homes;
}

/** Settings may be secret, so only their mark leaves this process. */
function settingsOf({ contract: { name }, config }: Service, settings: Config): string {
  return config === undefined ? '' : digest(inspect(settings.section(`services.${name}`, config), { depth: null, sorted: true }));
}

/** A publisher pushes its events to those who wait for them, so it has to know them. */
function listenersOf(name: string, { services }: SystemDefinition): string {
  const listeners = services.flatMap(({ contract, subscriptions }) =>
    subscriptions.filter(({ event }) => event.service === name).map(({ event }) => `${contract.name}:${event.id}`),
  );
  return listeners.sort().join();
}
