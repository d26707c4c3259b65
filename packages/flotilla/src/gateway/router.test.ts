import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Method } from './config-fields.ts';
import { parsePathPattern } from './path-pattern.ts';
import { createRouter } from './router.ts';

const route = (path: string, methods: readonly Method[] = ['GET']) => ({ path, segments: parsePathPattern(path), methods });

function matcher(...paths: string[]): (path: string) => string | undefined {
  const router = createRouter(paths.map((path) => route(path)));
  return (path) => {
    const match = router.match('GET', path);
    return match && 'route' in match ? match.route.path : undefined;
  };
}

test('static beats parameter beats wildcard, segment by segment', () => {
  const match = matcher('/*', '/orders', '/orders/*', '/orders/{id}', '/orders/mine', '/{any}/mine');
  assert.equal(match('/orders'), '/orders');
  assert.equal(match('/orders/mine'), '/orders/mine');
  assert.equal(match('/orders/7'), '/orders/{id}');
  assert.equal(match('/orders/7/lines'), '/orders/*');
  assert.equal(match('/stock/mine'), '/{any}/mine');
  assert.equal(match('/stock/yours'), '/*');
  assert.equal(match('/'), '/*');
});

test('a wildcard matches its prefix itself and everything below, but not a longer word', () => {
  const match = matcher('/api/products/*');
  assert.equal(match('/api/products'), '/api/products/*');
  assert.equal(match('/api/products/'), '/api/products/*');
  assert.equal(match('/api/products/1/2/3'), '/api/products/*');
  assert.equal(match('/api/productsheet'), undefined);
  assert.equal(match('/api'), undefined);
});

test('a wrong turn is taken back', () => {
  const match = matcher('/a/b/c', '/{x}/b/d', '/a/{y}/e', '/a/*');
  assert.equal(match('/a/b/d'), '/a/*');
  assert.equal(match('/a/b/e'), '/a/{y}/e');
  assert.equal(match('/z/b/d'), '/{x}/b/d');
});

test('a parameter is something, and a slash at the end is another path', () => {
  const match = matcher('/orders/{id}', '/stock');
  assert.equal(match('/orders/'), undefined);
  assert.equal(match('/orders/7/'), undefined);
  assert.equal(match('/stock/'), undefined);
});

test('a known path with a wrong method says which methods it has, and no wider route steps in', () => {
  const router = createRouter([route('/*', ['GET', 'POST']), route('/secret', ['GET', 'PUT']), route('/post-only', ['POST'])]);
  assert.deepEqual(router.match('POST', '/secret'), { allow: ['GET', 'PUT'] });
  assert.deepEqual(router.match('HEAD', '/post-only'), { allow: ['POST'] });
  assert.deepEqual(router.match('constructor', '/secret'), { allow: ['GET', 'PUT'] });
  const head = router.match('HEAD', '/secret');
  assert.ok(head && 'route' in head);
});

test('names that objects have by birth are ordinary segments', () => {
  const match = matcher('/{name}');
  assert.equal(match('/__proto__'), '/{name}');
  assert.equal(match('/constructor'), '/{name}');
  assert.equal(matcher('/known')('/toString'), undefined);
});

const word = fc.constantFrom('a', 'b', '{x}');
const pattern = fc
  .tuple(fc.array(word, { maxLength: 4 }), fc.boolean())
  .map(([words, wild]) => [...words.map((text, index) => (text === '{x}' ? `{x${index}}` : text)), ...(wild ? ['*'] : [])])
  .map((parts) => `/${parts.join('/')}`);

test('it finds what a search through all patterns finds', () => {
  const paths = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(fc.uniqueArray(pattern, { maxLength: 12 }), paths, (patterns, path) => {
      assert.equal(matcher(...patterns)(path), bestOf(patterns, path));
    }),
    { numRuns: 500 },
  );
});

/** The definition: of all patterns that match, the one whose segments from the left are the most specific. */
function bestOf(patterns: readonly string[], path: string): string | undefined {
  const split = (text: string): string[] => text.split('/').filter((part) => part !== '');
  const segments = split(path);
  const matching = patterns.filter((candidate) => {
    const parts = split(candidate);
    const fixed = parts.filter((part) => part !== '*');
    const fits = fixed.every(
      (part, index) => segments[index] !== undefined && (part.startsWith('{') || part === segments[index]),
    );
    return fits && (parts.length > fixed.length || fixed.length === segments.length);
  });
  // Per segment: static, parameter, end of the path, wildcard.
  const rank = (candidate: string): string =>
    [...split(candidate), '$']
      .map((part) => (part === '*' ? '3' : part === '$' ? '2' : part.startsWith('{') ? '1' : '0'))
      .join('');
  return matching.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1))[0];
}

test('the work for one path is bounded by the routes, however the path is made', () => {
  const count = (routes: ReturnType<typeof route>[], path: string): number => {
    let visits = 0;
    createRouter(routes, () => (visits += 1)).match('GET', path);
    return visits;
  };
  const many = Array.from({ length: 10_000 }, (_, index) => route(`/api/r${index}/{id}`));
  assert.ok(count(many, '/api/r9999/7') <= 4);
  assert.ok(count(many, `/${'-'.repeat(100_000)}`) <= 1);
  assert.ok(count(many, '/-'.repeat(50_000)) <= 1);
  // The worst configuration: every turn may be wrong, at every depth.
  const depth = 8;
  const forks = Array.from({ length: 2 ** depth }, (_, bits) =>
    route(`/${Array.from({ length: depth }, (_unused, at) => ((bits >> at) & 1 ? 'a' : `{p${at}}`)).join('/')}/end`),
  );
  assert.ok(count(forks, `${'/a'.repeat(depth)}/elsewhere`) < 2 ** (depth + 1));
});
