import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFlotillaError } from '../kernel/index.ts';
import { staticPeers } from './index.ts';

test('a peer is found at the address that was written down', () => {
  const addresses = staticPeers({ inventory: 'http://127.0.0.1:7002/', orders: 'https://orders.internal' });
  assert.equal(addresses('inventory'), 'http://127.0.0.1:7002');
  assert.equal(addresses('orders'), 'https://orders.internal');
  assert.equal(addresses('payments'), undefined);
});

test('every entry that is not a base URL is named', () => {
  const peers = {
    a: 'inventory:7002',
    b: 'http://host/path',
    c: 'ftp://host',
    d: 'http://me:secret@host',
    good: 'http://host:1',
  };
  assert.throws(
    () => staticPeers(peers),
    (error) =>
      isFlotillaError(error) &&
      ['a=', 'b=', 'c=', 'd='].every((name) => error.message.includes(name)) &&
      !error.message.includes('good'),
  );
});
