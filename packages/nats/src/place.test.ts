import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from './place.ts';

test('two subscribers never share a stream, whatever their systems are called', () => {
  const names = ['a', 'a-inbox', 'inbox', 'inbox-a', 'a-inbox-a'];
  const streams = names.flatMap((system) => names.map((service) => placeOf(system, service).stream));
  assert.equal(new Set(streams).size, streams.length);
});

test('a name that means something else to NATS is refused', () => {
  for (const name of ['', 'a.b', '*', '>', 'a b', 'a_b', 'ä', 'a/b', '-a', '$JS']) {
    assert.throws(() => placeOf('shop', name), { code: 'BUS_NAME_INVALID' }, name);
    assert.throws(() => placeOf(name, 'mail'), { code: 'BUS_NAME_INVALID' }, name);
  }
});
