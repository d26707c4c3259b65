import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { textToValue } from '../contract/index.ts';
import { isFlotillaError } from '../kernel/index.ts';
import { flatten } from './flatten.ts';
import { interpolate } from './interpolate.ts';
import { type ConfigProblem, isObject, type Layer } from './setting.ts';
import type { Shape } from './shape.ts';
import { parseYaml, type YamlFile } from './yaml.ts';

export interface FileOptions {
  folder: string;
  profiles: readonly string[];
  shape: Shape;
  env: Readonly<Record<string, string | undefined>>;
}

const PROFILE = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const NOTHING: Layer = { settings: [], problems: [] };

/** Where the configuration is read from, weakest first: `base.yaml`, one per profile in the order given, `local.yaml`. */
export function configFiles({ folder, profiles }: Pick<FileOptions, 'folder' | 'profiles'>): string[] {
  return ['base', ...profiles, 'local'].map((name) => join(folder, `${name}.yaml`));
}

export async function readFiles(options: FileOptions): Promise<Layer[]> {
  const profiles = options.profiles.map((profile) => readProfile(options, profile));
  return await Promise.all([readLayer(options, 'base'), ...profiles, readLayer(options, 'local')]);
}

async function readProfile(options: FileOptions, profile: string): Promise<Layer> {
  const problem = (message: string): Layer => ({ settings: [], problems: [{ key: '', where: undefined, message }] });
  if (!PROFILE.test(profile)) return problem(`'${profile}' is not a profile name: use letters, digits, '.', '_' and '-'`);
  const layer = await readLayer(options, profile);
  // A profile that was asked for by name and silently left out would run production on the settings of a laptop.
  return layer === NOTHING ? problem(`there is no ${labelOf(options.folder, profile)} for the profile '${profile}'`) : layer;
}

async function readLayer(options: FileOptions, name: string): Promise<Layer> {
  const file = labelOf(options.folder, name);
  try {
    return settingsOf(parseYaml(await readFile(join(options.folder, `${name}.yaml`), 'utf8'), file), file, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    return { settings: [], problems: problemsOf(error, file) };
  }
}

function settingsOf(yaml: YamlFile, file: string, { shape, env }: FileOptions): Layer {
  if (yaml.value === null) return { settings: [], problems: [] };
  const where = (path: readonly (string | number)[]): string => `${file}:${yaml.locate(path).line}`;
  if (!isObject(yaml.value)) {
    return { settings: [], problems: [{ key: '', where: where([]), message: 'the file must hold keys and values' }] };
  }
  const problems: ConfigProblem[] = [];
  const fill = (value: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, String(index)]));
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]));
    if (typeof value !== 'string') return value;
    const filled = interpolate(value, env);
    if ('problem' in filled) problems.push({ key: path.join('.'), where: where(path), message: filled.problem });
    else return filled.isReplaced ? textToValue(shape.schemaAt(path), filled.text) : filled.text;
    return undefined;
  };
  const flat = flatten(fill(yaml.value, []), [], (path) => ({ source: 'file', where: where(path) }));
  return { settings: flat.settings, problems: [...problems, ...flat.problems] };
}

/** What YAML finds wrong is listed with everything else; a file that can't be read is one more problem. */
function problemsOf(error: unknown, file: string): ConfigProblem[] {
  if (!isFlotillaError(error) || error.code !== 'INVALID_YAML') {
    return [{ key: '', where: file, message: `the file can't be read: ${(error as Error).message}` }];
  }
  const { problems } = error.details as { problems: { line: number; message: string }[] };
  return problems.map(({ line, message }) => ({ key: '', where: `${file}:${line}`, message }));
}

function labelOf(folder: string, name: string): string {
  const file = join(folder, `${name}.yaml`);
  const fromHere = relative('', file);
  return fromHere.startsWith('..') ? file : fromHere;
}
