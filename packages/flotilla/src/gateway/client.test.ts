import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, networkOf } from './client.ts';

const request = (forwardedFor: string | undefined, remoteAddress = '10.0.0.1') => ({
  method: 'GET',
  path: '/',
  query: '',
  headers: { host: 'shop', ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }), 'x-forwarded-proto': 'https' },
  body: undefined,
  remoteAddress,
});

test('only as many hops are believed as are trusted', () => {
  const chain = 'spoofed, 203.0.113.9, 198.51.100.2';
  assert.equal(clientOf(request(chain), 0).address, '10.0.0.1');
  assert.equal(clientOf(request(chain), 1).address, '198.51.100.2');
  assert.equal(clientOf(request(chain), 2).address, '203.0.113.9');
  assert.equal(clientOf(request(undefined), 2).address, '10.0.0.1');
});

test('what is no address is not believed, even from a trusted hop', () => {
  for (const junk of ['unknown', '', '1.2.3.4:80', '<script>', '999.1.1.1']) {
    assert.equal(clientOf(request(junk), 1).address, '10.0.0.1', junk);
  }
});

test('the protocol is what a trusted hop says, else plain', () => {
  assert.deepEqual([clientOf(request(undefined), 0).protocol, clientOf(request(undefined), 1).protocol], ['http', 'https']);
});

test('an IPv4 address is one client in any dress, an IPv6 network is one client', () => {
  assert.equal(clientOf(request(undefined, '::ffff:192.0.2.1'), 0).address, '192.0.2.1');
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('::1'), '0:0:0:0::/64');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64');
  assert.equal(networkOf('2001:0DB8:0:0:1::'), '2001:db8:0:0::/64');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(networkOf(''), '');
});
