import type { ConfigProblem, Origin, Setting } from './setting.ts';
import { isObject } from './setting.ts';

/** A value with where it came from and what it stands in front of, strongest first. */
export interface Leaf {
  readonly value: unknown;
  readonly origin: Origin;
  readonly overridden: readonly { value: unknown; origin: Origin }[];
}

/** An object that sources build together. The first source to mention it is kept for messages. */
export interface Branch {
  readonly children: Map<string, Branch | Leaf>;
  origin: Origin;
}

export function isBranch(node: Branch | Leaf | undefined): node is Branch {
  return node !== undefined && 'children' in node;
}

/** An empty tree. */
export function createTree(): Branch {
  return { children: new Map(), origin: { source: 'default', where: 'defaults' } };
}

/**
 * Lays settings over a tree, weakest first: objects merge key by key, lists and values replace, null clears. An object, a
 * list and a single value don't replace each other; that is a mistake in one of the two places, and both are named.
 */
export function mergeInto(root: Branch, settings: readonly Setting[]): ConfigProblem[] {
  return settings.flatMap((setting) => place(root, setting) ?? []);
}

/** The node at a path. */
export function nodeAt(root: Branch, path: readonly string[]): Branch | Leaf | undefined {
  let node: Branch | Leaf | undefined = root;
  for (const key of path) node = isBranch(node) ? node.children.get(key) : undefined;
  return node;
}

/** Every value of a tree with its path. */
export function leavesOf(
  node: Branch | Leaf | undefined,
  path: readonly string[] = [],
): { path: readonly string[]; leaf: Leaf }[] {
  if (node === undefined) return [];
  if (!isBranch(node)) return [{ path, leaf: node }];
  return [...node.children].flatMap(([key, child]) => leavesOf(child, [...path, key]));
}

function place(root: Branch, { path, value, origin }: Setting): ConfigProblem | undefined {
  let branch = root;
  for (const [index, key] of path.slice(0, -1).entries()) {
    const child = branch.children.get(key);
    if (child && !isBranch(child) && !isClear(child)) return conflict(path.slice(0, index + 1), child, { value: {}, origin });
    const next = isBranch(child) ? child : { children: new Map(), origin };
    branch.children.set(key, next);
    branch = next;
  }
  const key = path.at(-1)!;
  const below = branch.children.get(key);
  if (below && clash(below, value)) return conflict(path, below, { value, origin });
  // An empty object adds nothing to one that is there.
  if (isBranch(below) && value !== null) return undefined;
  branch.children.set(key, { value, origin, overridden: below ? covered(below) : [] });
  return undefined;
}

function covered(node: Branch | Leaf): Leaf['overridden'] {
  return isBranch(node)
    ? leavesOf(node).map(({ leaf }) => leaf)
    : [{ value: node.value, origin: node.origin }, ...node.overridden];
}

function clash(below: Branch | Leaf, value: unknown): boolean {
  const kind = isBranch(below) ? 'an object' : kindOf(below.value);
  return kind !== undefined && kindOf(value) !== undefined && kind !== kindOf(value);
}

function conflict(path: readonly string[], below: Branch | Leaf, above: { value: unknown; origin: Origin }): ConfigProblem {
  const before = isBranch(below) ? 'an object' : kindOf(below.value)!;
  return {
    key: path.join('.'),
    where: above.origin.where,
    message: `is ${kindOf(above.value)!} here but ${before} in ${below.origin.where}`,
  };
}

/** Undefined for null, which goes with everything. */
function kindOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : 'a single value';
}

function isClear(leaf: Leaf): boolean {
  return leaf.value === null || isObject(leaf.value);
}
