import { FlotillaError } from '../../kernel/index.ts';

interface Branch<TTarget> {
  readonly fixed: Map<string, Branch<TTarget>>;
  variable: Branch<TTarget> | undefined;
  readonly leaves: Map<string, Leaf<TTarget>>;
}

interface Leaf<TTarget> {
  readonly target: TTarget;
  readonly names: readonly string[];
}

export interface RouteMatch<TTarget> {
  readonly target: TTarget;
  /** Decoded values by parameter name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds what answers a method and a path such as `/products/{id}`; a fixed segment wins over a parameter. */
export class RouteTable<TTarget> {
  readonly #root: Branch<TTarget> = branch();

  add(method: string, path: string, target: TTarget): void {
    const names: string[] = [];
    let here = this.#root;
    for (const segment of path.slice(1).split('/')) {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1];
      if (name === undefined) here = getOrCreate(here.fixed, segment, branch<TTarget>);
      else {
        names.push(name);
        here = here.variable ??= branch();
      }
    }
    here.leaves.set(method, { target, names });
  }

  has(method: string, path: string): boolean {
    return find(this.#root, searchFor(method, path), 0) !== undefined;
  }

  /** Throws `NO_SUCH_ROUTE`, or `METHOD_NOT_ALLOWED` with the methods that the path has. HEAD is answered by GET. */
  match(method: string, path: string): RouteMatch<TTarget> {
    const search = searchFor(method, path);
    const leaf = find(this.#root, search, 0);
    if (leaf) return { target: leaf.target, parameters: named(leaf.names, search.values) };
    if (search.allow.size === 0) throw noSuchRoute(path);
    throw methodNotAllowed(method, search.allow);
  }
}

interface Search {
  readonly segments: readonly string[];
  readonly method: string;
  /** The parameters taken so far; a dead end gives its own back. */
  readonly values: string[];
  /** Methods that the path has, gathered on the way. */
  readonly allow: Set<string>;
}

function searchFor(method: string, path: string): Search {
  return { segments: path.slice(1).split('/'), method: method === 'HEAD' ? 'GET' : method, values: [], allow: new Set() };
}

function find<TTarget>(from: Branch<TTarget>, search: Search, depth: number): Leaf<TTarget> | undefined {
  const segment = search.segments[depth];
  if (segment === undefined) {
    for (const method of from.leaves.keys()) search.allow.add(method);
    return from.leaves.get(search.method);
  }
  const next = from.fixed.get(segment);
  const found = next && find(next, search, depth + 1);
  if (found || from.variable === undefined || segment === '') return found;
  search.values.push(segment);
  const below = find(from.variable, search, depth + 1);
  if (!below) search.values.pop();
  return below;
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, decode(values[index]!)]));
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new FlotillaError('MALFORMED_PATH', { kind: 'invalid', message: 'The path is not UTF-8 text.', cause });
  }
}

export function noSuchRoute(path: string): FlotillaError {
  return new FlotillaError('NO_SUCH_ROUTE', { kind: 'not-found', message: `Nothing answers at ${path.slice(0, 200)}.` });
}

export function methodNotAllowed(method: string, allowed: Iterable<string>): FlotillaError {
  const allow = [...allowed].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).sort();
  const message = `${method} is not possible here; use ${allow.join(' or ')}.`;
  return new FlotillaError('METHOD_NOT_ALLOWED', { kind: 'invalid', message, details: { allow } });
}

function branch<TTarget>(): Branch<TTarget> {
  return { fixed: new Map(), variable: undefined, leaves: new Map() };
}

function getOrCreate<TKey, TValue>(map: Map<TKey, TValue>, key: TKey, create: () => TValue): TValue {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
