import type { Method } from './config-fields.ts';
import type { Segment } from './path-pattern.ts';

/** What a router needs to know of a route. */
export interface Routable {
  readonly segments: readonly Segment[];
  readonly methods: readonly Method[];
}

export type RouteMatch<TRoute> = { readonly route: TRoute } | { readonly allow: readonly Method[] };

/** Finds the route for a request. */
export interface Router<TRoute> {
  /**
   * The route of the most specific pattern, segment by segment from the left: static before parameter before wildcard. When
   * that pattern has no route for the method, the match says which methods it has (GET stands for HEAD too); less specific patterns are not asked, so
   * that a wildcard never opens what a closer route restricts. Undefined when no pattern matches.
   */
  match(method: string, path: string): RouteMatch<TRoute> | undefined;
}

interface TrieNode<TRoute> {
  readonly statics: Map<string, TrieNode<TRoute>>;
  param: TrieNode<TRoute> | undefined;
  readonly exact: Map<Method, TRoute>;
  /** For this very path and everything below it. */
  readonly below: Map<Method, TRoute>;
}

/**
 * Builds a trie of segments. A node is visited at most once for one path, so the work is bounded by the configuration, never
 * by what a request holds. `onVisit` lets tests count it.
 */
export function createRouter<TRoute extends Routable>(
  routes: readonly TRoute[],
  onVisit: () => void = () => undefined,
): Router<TRoute> {
  const root = createNode<TRoute>();
  for (const route of routes) insert(root, route);

  function find(node: TrieNode<TRoute>, segments: readonly string[], depth: number): ReadonlyMap<Method, TRoute> | undefined {
    onVisit();
    if (depth < segments.length) {
      const segment = segments[depth]!;
      const closer = node.statics.get(segment);
      const found = closer && find(closer, segments, depth + 1);
      if (found) return found;
      const named = node.param && segment !== '' ? find(node.param, segments, depth + 1) : undefined;
      if (named) return named;
    } else if (node.exact.size > 0) {
      return node.exact;
    }
    return node.below.size > 0 ? node.below : undefined;
  }

  return {
    match(method, path) {
      const found = find(root, path === '/' ? [] : path.slice(1).split('/'), 0);
      if (!found) return undefined;
      const route = found.get(method as Method) ?? (method === 'HEAD' ? found.get('GET') : undefined); // A Map takes any key.
      return route ? { route } : { allow: allowed(found) };
    },
  };
}

function insert<TRoute extends Routable>(root: TrieNode<TRoute>, route: TRoute): void {
  let node = root;
  let target = root.exact;
  for (const segment of route.segments) {
    if (segment.kind === 'wildcard') target = node.below;
    else {
      node = segment.kind === 'param' ? (node.param ??= createNode()) : staticChild(node, segment.text);
      target = node.exact;
    }
  }
  for (const method of route.methods) target.set(method, route);
}

function staticChild<TRoute>(node: TrieNode<TRoute>, text: string): TrieNode<TRoute> {
  let child = node.statics.get(text);
  if (!child) node.statics.set(text, (child = createNode()));
  return child;
}

function createNode<TRoute>(): TrieNode<TRoute> {
  return { statics: new Map(), param: undefined, exact: new Map(), below: new Map() };
}

function allowed(routes: ReadonlyMap<Method, unknown>): readonly Method[] {
  const methods = [...routes.keys()];
  return methods.includes('GET') ? methods.filter((method) => method !== 'HEAD') : methods;
}
