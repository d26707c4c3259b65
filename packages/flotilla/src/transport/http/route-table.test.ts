import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RouteTable } from './route-table.ts';

describe('a route table', () => {
  const table = new RouteTable<string>();
  for (const route of [
    'GET /a/b/c',
    'GET /a/{x}/d',
    'POST /a/{y}/d',
    'GET /{z}/b/{w}',
    'GET /',
    'GET /a/b/c/{last}',
    'PUT /a/b',
  ]) {
    const [method, path] = route.split(' ') as [string, string];
    table.add(method, path, route);
  }
  const found: [method: string, path: string, target: string, parameters: object][] = [
    ['GET', '/', 'GET /', {}],
    ['GET', '/a/b/c', 'GET /a/b/c', {}],
    ['GET', '/a/b/d', 'GET /a/{x}/d', { x: 'b' }],
    ['POST', '/a/b/d', 'POST /a/{y}/d', { y: 'b' }],
    ['GET', '/a/b/e', 'GET /{z}/b/{w}', { z: 'a', w: 'e' }],
    ['GET', '/a/b/c/d', 'GET /a/b/c/{last}', { last: 'd' }],
    ['HEAD', '/q/b/%C3%A9%20', 'GET /{z}/b/{w}', { z: 'q', w: 'é ' }],
  ];
  for (const [method, path, target, parameters] of found) {
    it(`answers ${method} ${path} by ${target}`, () => assert.deepEqual(table.match(method, path), { target, parameters }));
  }

  for (const path of ['/a', '/a//d', '/a/b/c/', '/x', '//']) {
    it(`finds nothing at ${path}`, () => assert.throws(() => table.match('GET', path), { code: 'NO_SUCH_ROUTE' }));
  }

  it('gathers the methods of all routes that fit a path', () => {
    assert.throws(() => table.match('DELETE', '/a/b/d'), {
      code: 'METHOD_NOT_ALLOWED',
      details: { allow: ['GET', 'HEAD', 'POST'] },
    });
  });
});
