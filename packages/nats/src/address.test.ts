import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFlotillaError } from 'flotilla/kernel';
import { parseNatsUrl } from './address.ts';

test('a URL says where, who and how', () => {
  assert.deepEqual(
    parseNatsUrl('tls://shop:p%40ss:word@a.example,b.example:4333/?replicas=3&sync=accepted&monitor=http://a:8222'),
    {
      shown: 'tls://a.example:4222,b.example:4333',
      servers: ['a.example:4222', 'b.example:4333'],
      tls: true,
      user: 'shop',
      password: 'p@ss:word',
      credentials: undefined,
      replicas: 3,
      sync: 'accepted',
      monitor: 'http://a:8222',
    },
  );
});

test('a host alone is enough, and one name before the @ is a token', () => {
  const { servers, tls, user, password, replicas, sync } = parseNatsUrl('nats://t0ken@[::1]');
  assert.deepEqual([servers, tls, user, password, replicas, sync], [['[::1]:4222'], false, 't0ken', undefined, 1, undefined]);
});

test('what is not well formed is refused with a hint that repeats no password', () => {
  const wrong = [
    'http://host',
    'nats://',
    'nats://user:secret@',
    'nats://user:secret@ho st',
    'nats://user:secret@host:99999',
    'nats://user:%zzsecret@host',
    'nats://user:secret@host?replicas=0',
    'nats://user:secret@host?sync=never',
    'nats://user:secret@host?monitor=ftp://x',
    'nats://user:secret@host?retention=1',
  ];
  for (const url of wrong) {
    assert.throws(
      () => parseNatsUrl(url),
      (error) => isFlotillaError(error) && error.code === 'BUS_URL_INVALID' && !error.message.includes('secret'),
      url,
    );
  }
});
