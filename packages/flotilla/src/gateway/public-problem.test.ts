import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicProblem } from './public-problem.ts';

const problem = (body: string | Uint8Array, type = 'application/problem+json') => ({
  status: 400,
  headers: { 'content-type': type },
  body,
});

test('a problem speaks of the path that the client asked for', () => {
  for (const body of ['{"instance":"/orders","code":"X"}', new TextEncoder().encode('{"instance":"/orders","code":"X"}')]) {
    assert.deepEqual(JSON.parse(String(publicProblem(problem(body), '/api').body)), { instance: '/api/orders', code: 'X' });
  }
});

test('everything else is passed on as it is', () => {
  const others = [
    problem('{"instance":"/orders"}', 'application/json'),
    problem('not JSON'),
    problem('[]'),
    problem('{"instance":"https://elsewhere/1"}'),
    problem('{"code":"X"}'),
  ];
  for (const other of others) assert.equal(publicProblem(other, '/api'), other);
  const direct = problem('{"instance":"/orders"}');
  assert.equal(publicProblem(direct, ''), direct);
});
