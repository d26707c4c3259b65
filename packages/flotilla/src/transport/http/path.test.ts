import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isFlotillaError } from '../../kernel/index.ts';
import { normalisePath } from './path.ts';

describe('normalisePath', () => {
  const same: [given: string, normal: string][] = [
    ['/', '/'],
    ['/orders/1', '/orders/1'],
    ['/orders/1/', '/orders/1/'],
    ['//orders///1', '/orders/1'],
    ['/a/./b/../c', '/a/c'],
    ['/../../etc', '/etc'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/.', '/a/'],
    ['/%61dmin', '/admin'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/a%20b', '/a%20b'],
    ['/%7Euser', '/~user'],
    ['/.well-known/jwks.json', '/.well-known/jwks.json'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/%252e%252e/x', '/%252e%252e/x'],
  ];
  for (const [given, normal] of same) it(`makes '${given}' into '${normal}'`, () => assert.equal(normalisePath(given), normal));

  const refused = ['/%2e%2e/x', '/a/%2E./b', '/a/.%2e', '/a%2fb', '/a%5Cb', '/a\\b', '/%00', '/a\0', '/a%0d%0a', '/%7f'];
  for (const path of [...refused, '/%', '/%zz', '/%4', '/é', '/a b', '/a#b', 'orders', '*', '', '/<x>', '/a?b']) {
    it(`refuses ${JSON.stringify(path)}`, () => {
      assert.throws(
        () => normalisePath(path),
        (error) => isFlotillaError(error) && error.code === 'MALFORMED_PATH',
      );
    });
  }

  it('gives a form that it leaves alone the second time', () => {
    const part = fc.constantFrom('/', '.', '..', '%41', '%2e', '%c3', 'a', '~', '%', ';', '\\', '%25');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const given = `/${parts.join('')}`;
        let once: string;
        try {
          once = normalisePath(given);
        } catch {
          return;
        }
        assert.equal(normalisePath(once), once);
        assert.doesNotMatch(once, /\/\.{1,2}(\/|$)|\/\//);
      }),
    );
  });

  it('keeps an encoded slash in its segment where it is told to, and still nothing else that is treacherous', () => {
    assert.equal(normalisePath('/v1/kv/a%2Fb%2f../c', 'keep'), '/v1/kv/a%2Fb%2F../c');
    assert.throws(() => normalisePath('/v1/kv/a%2Fb'), { code: 'MALFORMED_PATH' });
    for (const bad of ['/a%2F%00', '/a%2F%5Cb', '/%2e%2e/%2F']) {
      assert.throws(() => normalisePath(bad, 'keep'), { code: 'MALFORMED_PATH' }, bad);
    }
  });

  it('takes a very long path in linear time', () => {
    const started = performance.now();
    normalisePath(`/${'-'.repeat(100_000)}`);
    normalisePath(`/${'a/'.repeat(50_000)}.`);
    assert.ok(performance.now() - started < 5_000);
  });
});
