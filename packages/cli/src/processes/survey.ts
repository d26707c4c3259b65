import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Runtime } from 'flotilla/kernel';
import type { SystemDefinition } from 'flotilla/system';
import type { OptionValues } from '../command.ts';
import { placesOf, type SETTINGS_OPTIONS } from '../settings.ts';
import { loadSystemFile, type SystemFile } from '../system-file.ts';
import { recordImports } from './import-graph.ts';

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

export const GATEWAY = 'gateway';

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
  await readSettings(definition, { ...placesOf(system, options), runtime });
  if (definition.gateway !== undefined) await readRoutes(definition, baseFolder);

  const systemUrl = pathToFileURL(resolve(file)).href;
  const folderUrl = `${pathToFileURL(baseFolder).href}/`;
  const all = graph.reachable(systemUrl, folderUrl);
  const homes = await homesOf(definition, all);
  const config = definition.config === undefined ? [] : await filesIn(resolve(baseFolder, definition.config));
  const marks = createMarks(baseFolder);
  const parts = definition.services.map(async (service): Promise<Part> => {
    const { name } = service.contract;
    const modules = graph.reachable(homes.get(service) ?? systemUrl, folderUrl).add(systemUrl);
    const calls = callsOf(service);
    // Whoever calls others does so under the policies of the configuration.
    const isConfigured = service.config !== undefined || calls.length > 0;
    const files = [...modules].map((url) => fileURLToPath(url)).concat(isConfigured ? config : []);
    const madeFrom = { ...(await marks(files)), 'who waits for its events': listenersOf(name, definition) };
    return { name, calls, madeFrom };
  });
  if (definition.gateway !== undefined) {
    const madeFrom = marks([resolve(file), resolve(baseFolder, definition.gateway)]);
    parts.push(madeFrom.then((facts) => ({ name: GATEWAY, calls: [], madeFrom: facts })));
  }
  const folders = [...[...all].map((url) => resolve(fileURLToPath(url), '..')), ...config.map((path) => resolve(path, '..'))];
  const places = definition.gateway === undefined ? [] : [resolve(baseFolder, definition.gateway, '..')];
  return { system, survey: { parts: await Promise.all(parts), folders: [...new Set([...folders, ...places])] } };
}

type Service = SystemDefinition['services'][number];

function callsOf({ calls, sagas }: Service): string[] {
  const called = [calls, ...sagas.map((saga) => saga.calls)].flatMap((contracts) => Object.values(contracts));
  return [...new Set(called.map(({ name }) => name))];
}

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

/** A publisher pushes its events to those who wait for them, so it has to know them. */
function listenersOf(name: string, { services }: SystemDefinition): string {
  const listeners = services.flatMap(({ contract, subscriptions }) =>
    subscriptions.filter(({ event }) => event.service === name).map(({ event }) => `${contract.name}:${event.id}`),
  );
  return listeners.sort().join();
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
}

/** Contents decide, not times: saving a file unchanged restarts nobody. */
function createMarks(baseFolder: string): (files: readonly string[]) => Promise<Record<string, string>> {
  const known = new Map<string, Promise<string>>();
  const mark = async (file: string): Promise<string> => {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('base64');
  };
  return async (files) => {
    const marks = files.map(async (file) => {
      const found = known.get(file) ?? mark(file);
      known.set(file, found);
      return [relative(baseFolder, file), await found] as const;
    });
    return Object.fromEntries(await Promise.all(marks));
  };
}
