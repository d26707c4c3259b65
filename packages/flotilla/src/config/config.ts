import type { OutputOf, Schema } from '../contract/index.ts';
import { FlotillaError, type Runtime, systemRuntime } from '../kernel/index.ts';
import { type Explanation, explainAll } from './explain.ts';
import { readFiles } from './files.ts';
import { flatten } from './flatten.ts';
import { looseSpelling } from './key.ts';
import type { ConfigProblem, Layer } from './setting.ts';
import { Shape } from './shape.ts';
import { fromArguments, fromEnvironment, fromVariables } from './text-settings.ts';
import { createTree, mergeInto } from './tree.ts';
import { assemble, findUnknown, type Subject, validate } from './validate.ts';

export interface ConfigOptions<TSchema extends Schema = Schema> {
  /** The system's name: `shop` reads environment variables that start with `SHOP__`. */
  name: string;
  /** Schema of the whole; without it any key is accepted outside the sections. */
  schema?: TSchema | undefined;
  /** Schemas of parts by dotted key: `{ 'services.orders': OrdersConfig }`. */
  sections?: Readonly<Record<string, Schema>> | undefined;
  /** Holds `base.yaml`, `<profile>.yaml` and `local.yaml`; files that are absent are left out. */
  folder?: string | undefined;
  /** Variables with names of their own and the keys that they set: `{ FLOTILLA_STORE: 'infrastructure.store' }`. */
  variables?: Readonly<Record<string, string>> | undefined;
  /** Which profiles apply, the strongest last. */
  profiles?: readonly string[] | undefined;
  /** From the command line, by dotted key. */
  args?: Readonly<Record<string, string>> | undefined;
  defaults?: Readonly<Record<string, unknown>> | undefined;
  runtime?: Pick<Runtime, 'env'> | undefined;
}

/** The settings of a system: read once, checked as a whole, and frozen. */
export interface Config<TValue = unknown> {
  readonly value: TValue;
  /** The settings below a dotted key, as this schema sees them. Throws `INVALID_CONFIG`. */
  section<TSchema extends Schema>(key: string, schema: TSchema): OutputOf<TSchema>;
  /** Says where a value comes from; undefined for a key without one. */
  explain(key: string): Explanation | undefined;
  /** All settings, or those below a dotted key. Secrets are redacted. */
  explainAll(below?: string): Explanation[];
}

/**
 * Reads the configuration: command line over environment over files (base, profiles in order, local) over defaults.
 * Throws `INVALID_CONFIG` that lists every problem with the key, the place and what to do.
 */
export async function loadConfig<TSchema extends Schema = Schema>(
  options: ConfigOptions<TSchema>,
): Promise<Config<OutputOf<TSchema>>> {
  const subject: Subject = { name: options.name, tree: createTree(), shape: new Shape(options.schema, options.sections ?? {}) };
  const { env } = options.runtime ?? systemRuntime;
  const problems: ConfigProblem[] = [];
  const add = ({ settings, problems: found }: Layer): void => {
    problems.push(...found, ...findUnknown(settings, subject.shape), ...mergeInto(subject.tree, settings));
  };
  add(flatten(options.defaults, [], () => ({ source: 'default', where: 'defaults' })));
  const { folder, profiles = [] } = options;
  if (folder !== undefined) for (const layer of await readFiles({ folder, profiles, shape: subject.shape, env })) add(layer);
  add(fromEnvironment(options.name, env, subject));
  add(fromVariables(options.variables ?? {}, env, subject));
  add(fromArguments(options.args ?? {}, subject));
  const values = checkAll(subject, options, problems);
  return createConfig(subject, values);
}

type Validated = { path: readonly string[]; value: unknown };

/** Validates the whole and every section. A value that is already known to be wrong is not complained about twice. */
function checkAll(subject: Subject, options: ConfigOptions, problems: ConfigProblem[]): Validated[] {
  const schemas = Object.entries(options.sections ?? {}).map(([key, schema]) => ({ path: key.split('.'), schema }));
  if (options.schema) schemas.unshift({ path: [], schema: options.schema });
  const known = new Set(problems.map(({ key }) => key));
  const values = schemas.flatMap(({ path, schema }): Validated[] => {
    const result = validate(subject, path, schema);
    if (result.ok) return [{ path, value: result.value }];
    problems.push(...result.problems.filter(({ key }) => !known.has(key)));
    return [];
  });
  if (problems.length > 0) throw invalidConfig(subject.name, problems);
  return values;
}

function createConfig<TValue>({ name, tree, shape }: Subject, values: readonly Validated[]): Config<TValue> {
  const whole = values.find(({ path }) => path.length === 0);
  const explainable = { tree, shape, values };
  return {
    // The schema itself vouches for the type; without one the type is unknown anyway.
    value: (whole ? whole.value : assemble(tree, [], shape)) as TValue,
    section: (key, schema) => {
      const result = validate({ name, tree, shape }, key.split('.'), schema);
      if (!result.ok) throw invalidConfig(name, result.problems);
      return result.value;
    },
    explain: (key) => {
      const all = explainAll(explainable);
      return all.find((one) => one.key === key) ?? all.find((one) => looseSpelling(one.key) === looseSpelling(key));
    },
    explainAll: (below) => explainAll(explainable).filter(({ key }) => below === undefined || `${key}.`.startsWith(`${below}.`)),
  };
}

function invalidConfig(name: string, problems: readonly ConfigProblem[]): FlotillaError {
  const line = ({ key, where, message }: ConfigProblem): string => `  ${[where, key, message].filter(Boolean).join(': ')}`;
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new FlotillaError('INVALID_CONFIG', {
    kind: 'invalid',
    message: `The configuration of ${name} has ${count}:\n${problems.map(line).join('\n')}`,
    details: { problems },
  });
}
