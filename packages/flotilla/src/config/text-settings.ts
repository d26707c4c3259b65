import { textToValue } from '../contract/index.ts';
import { isPoisonedKey } from '../kernel/index.ts';
import { flatten } from './flatten.ts';
import { findKey, similarKey } from './key.ts';
import type { ConfigProblem, Layer, Origin } from './setting.ts';
import type { Shape } from './shape.ts';
import { type Branch, isBranch, nodeAt } from './tree.ts';

/** What is known about keys when text comes in: the schemas, and what the weaker sources set. */
interface Known {
  shape: Shape;
  tree: Branch;
}

/**
 * Environment variables `SHOP__DB__HOST` → `db.host`. Segments find their key whatever its case and separators: `MAX_LINES` is
 * `maxLines` or `max-lines`. The text becomes what the schema declares there.
 */
export function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>, known: Known): Layer {
  const prefix = `${environmentName(name, [])}__`;
  const own = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[0].startsWith(prefix) && entry[1] !== undefined,
  );
  return together(
    own.map(([variable, text]) => {
      const path = variable.slice(prefix.length).split('__');
      return readText({ path, text, origin: { source: 'environment', where: variable }, unknown: camelCase }, known);
    }),
  );
}

/** Environment variables that do not follow the rule above: name → dotted key. */
export function fromVariables(
  variables: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
  known: Known,
): Layer {
  const present = Object.entries(variables).filter(([variable]) => env[variable] !== undefined);
  return together(
    present.map(([variable, key]) => {
      const origin: Origin = { source: 'environment', where: variable };
      return readText({ path: key.split('.'), text: env[variable]!, origin, unknown: camelCase }, known);
    }),
  );
}

/** Arguments of the command line: `db.host` → its text. */
export function fromArguments(args: Readonly<Record<string, string>>, known: Known): Layer {
  return together(
    Object.entries(args).map(([key, text]) => {
      const origin: Origin = { source: 'command line', where: `--set ${key}` };
      return readText({ path: key.split('.'), text, origin, unknown: (segment) => segment }, known);
    }),
  );
}

/** The variable that sets a key: `maxLines` of the shop's orders is `SHOP__ORDERS__MAX_LINES`. */
export function environmentName(name: string, path: readonly string[]): string {
  const upper = (segment: string): string =>
    segment
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toUpperCase();
  return [name, ...path].map(upper).join('__');
}

interface TextSetting {
  path: readonly string[];
  text: string;
  origin: Origin;
  /** How to spell a segment that no schema and no file knows. */
  unknown: (segment: string) => string;
}

function readText({ path, text, origin, unknown }: TextSetting, { shape, tree }: Known): Layer {
  const resolved: string[] = [];
  for (const segment of path) {
    const problem = (message: string): Layer => ({
      settings: [],
      problems: [{ key: [...resolved, segment].join('.'), where: origin.where, message }],
    });
    if (segment === '' || isPoisonedKey(segment.toLowerCase())) return problem('is a key that is not allowed');
    const node = nodeAt(tree, resolved);
    const candidates = [...new Set([...shape.knownAt(resolved), ...(isBranch(node) ? node.children.keys() : [])])];
    const key = findKey(segment, candidates);
    if (key === undefined && shape.namesAt(resolved) !== undefined) return problem(unknownKey(segment, candidates));
    resolved.push(key ?? unknown(segment));
  }
  return flatten(textToValue(shape.schemaAt(resolved), text), resolved, () => origin);
}

/** Says that a key does not exist, and which one may have been meant. */
export function unknownKey(name: string, known: readonly string[]): string {
  const similar = similarKey(name, known);
  return `is not a setting${similar === undefined ? '' : `; did you mean '${similar}'?`}`;
}

function camelCase(segment: string): string {
  return segment.toLowerCase().replaceAll(/[-_]+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function together(layers: readonly Layer[]): Layer {
  const problems: ConfigProblem[] = layers.flatMap((layer) => layer.problems);
  return { settings: layers.flatMap((layer) => layer.settings), problems };
}
