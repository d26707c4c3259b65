import { allowsNull, check, type OutputOf, type Schema } from '../contract/index.ts';
import type { ConfigProblem, Setting } from './setting.ts';
import type { Shape } from './shape.ts';
import { environmentName, unknownKey } from './text-settings.ts';
import { type Branch, isBranch, type Leaf, nodeAt } from './tree.ts';

export type Checked<TValue> = { ok: true; value: TValue } | { ok: false; problems: ConfigProblem[] };

export interface Subject {
  /** The system's name, for advice. */
  name: string;
  tree: Branch;
  shape: Shape;
}

/** Validates the settings below a path as one object and freezes the result. */
export function validate<TSchema extends Schema>(
  { name, tree, shape }: Subject,
  path: readonly string[],
  schema: TSchema,
): Checked<OutputOf<TSchema>> {
  const node = nodeAt(tree, path);
  const result = check(schema, node === undefined || isCleared(node) ? {} : assemble(node, path, shape));
  if (result instanceof Promise) {
    const message = 'has a schema that validates asynchronously; settings are needed before anything can be waited for';
    return { ok: false, problems: [{ key: path.join('.'), where: undefined, message }] };
  }
  if (result.ok) return { ok: true, value: freeze(result.value) as OutputOf<TSchema> };
  const problems = result.issues.map((issue): ConfigProblem => {
    const at = issue.path === '' ? path : [...path, ...issue.path.split('.')];
    const where = whereIs(tree, at);
    const advice = where === undefined ? ` (set it in a file or as ${environmentName(name, at)})` : '';
    return { key: at.join('.'), where, message: issue.message + advice };
  });
  return { ok: false, problems };
}

/** Plain data of a tree. A cleared key is absent, as if nobody had set it, unless null is a value there. */
export function assemble(node: Branch | Leaf, path: readonly string[], shape: Shape): unknown {
  if (!isBranch(node)) return node.value;
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, child] of node.children) {
    const here = [...path, key];
    if (isCleared(child) && !allowsNull(shape.schemaAt(here))) continue;
    object[key] = assemble(child, here, shape);
  }
  return object;
}

/** Settings that no schema knows: spelling mistakes that would otherwise be silently without effect. */
export function findUnknown(settings: readonly Setting[], shape: Shape): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const { path, origin } of settings) {
    const index = path.findIndex((key, depth) => shape.namesAt(path.slice(0, depth))?.includes(key) === false);
    if (index === -1) continue;
    const key = path.slice(0, index + 1).join('.');
    const message = unknownKey(path[index]!, shape.knownAt(path.slice(0, index)));
    if (!problems.has(key)) problems.set(key, { key, where: origin.where, message });
  }
  return [...problems.values()];
}

/** Where a key is set: there, or, for something inside a list, where the list is. */
function whereIs(tree: Branch, path: readonly string[]): string | undefined {
  const node = nodeAt(tree, path);
  if (node) return isBranch(node) && node === tree ? undefined : node.origin.where;
  const around = path.length === 0 ? undefined : nodeAt(tree, path.slice(0, -1));
  if (around && isBranch(around)) return undefined;
  return path.length === 0 ? undefined : whereIs(tree, path.slice(0, -1));
}

function isCleared(node: Branch | Leaf): boolean {
  return !isBranch(node) && node.value === null;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Only plain data is frozen: a schema may produce a Date, a URL or a Map, which have a life of their own.
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
