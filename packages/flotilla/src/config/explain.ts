import { isMarkedSecret, looksSecret, REDACTED, withoutPassword } from './secrets.ts';
import { isObject, type Origin, type Source } from './setting.ts';
import type { Shape } from './shape.ts';
import { type Branch, type Leaf, leavesOf } from './tree.ts';

/** A value as one source gives it. Secrets read `[secret]`. */
export interface SourcedValue {
  readonly value: unknown;
  readonly source: Source;
  readonly where: string;
}

/** What a setting is, who says so, and whom that overrides (the strongest first). */
export interface Explanation extends SourcedValue {
  readonly key: string;
  readonly overridden: readonly SourcedValue[];
}

export interface Explained {
  tree: Branch;
  shape: Shape;
  /** What the schemas made of it, defaults filled in. */
  values: readonly { path: readonly string[]; value: unknown }[];
}

/** Explains every setting, in the order of their keys. */
export function explainAll({ tree, shape, values }: Explained): Explanation[] {
  const set = leavesOf(tree);
  const isSet = new Set(set.map(({ path }) => path.join('.')));
  const defaults = values.flatMap(({ path, value }) => defaultsOf(value, path)).filter(({ path }) => !isSet.has(path.join('.')));
  return [...set, ...defaults]
    .map(({ path, leaf }) => explanation(path, leaf, shape))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** The leaves of a validated value; where nobody set them, the schema did. */
function defaultsOf(value: unknown, path: readonly string[]): { path: readonly string[]; leaf: Leaf }[] {
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => defaultsOf(item, [...path, key]));
  }
  const origin: Origin = { source: 'default', where: 'schema' };
  return value === undefined || path.length === 0 ? [] : [{ path, leaf: { value, origin, overridden: [] } }];
}

function explanation(path: readonly string[], leaf: Leaf, shape: Shape): Explanation {
  const isSecret = path.some((key, index) => looksSecret(key) || isMarkedSecret(shape.schemaAt(path.slice(0, index + 1))));
  const shown = ({ value, origin }: { value: unknown; origin: Origin }): SourcedValue => ({
    value: isSecret && value !== null ? REDACTED : withoutPassword(value),
    ...origin,
  });
  return { key: path.join('.'), ...shown(leaf), overridden: leaf.overridden.map(shown) };
}
