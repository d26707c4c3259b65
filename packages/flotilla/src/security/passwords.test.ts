import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from './passwords.ts';

test('a password matches its own hash and no other', async () => {
  const stored = await hashPassword('correct horse battery staple');
  assert.deepEqual(await verifyPassword('correct horse battery staple', stored), { ok: true, rehash: false });
  assert.deepEqual(await verifyPassword('correct horse battery stapl', stored), { ok: false, rehash: false });
  assert.deepEqual(await verifyPassword('', stored), { ok: false, rehash: false });
});

test('equal passwords have different hashes, and the text carries its parameters', async () => {
  const [first, second] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);
  assert.notEqual(first, second);
  assert.match(first, /^\$scrypt\$ln=14,r=8,p=5\$/);
});

test('a hash with other parameters still matches and asks to be replaced', async () => {
  const salt = Buffer.from('0123456789abcdef');
  const hash = scryptSync('secret', salt, 32, { N: 1024, r: 8, p: 1 });
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  const stored = `$scrypt$ln=10,r=8,p=1$${text(salt)}$${text(hash)}`;
  assert.deepEqual(await verifyPassword('secret', stored), { ok: true, rehash: true });
  assert.deepEqual(await verifyPassword('other', stored), { ok: false, rehash: false });
});

test('a user who does not exist never matches, not even the empty password', async () => {
  assert.deepEqual(await verifyPassword('', undefined), { ok: false, rehash: false });
});

test('one password in two Unicode forms is the same password', async () => {
  const stored = await hashPassword('caf\u00e9');
  assert.equal((await verifyPassword('cafe\u0301', stored)).ok, true);
});

test('a stored text that is no hash is our fault, not a wrong password', async () => {
  await assert.rejects(verifyPassword('secret', 'secret'), { code: 'MALFORMED_PASSWORD_HASH' });
  await assert.rejects(verifyPassword('secret', '$scrypt$ln=14,r=8,p=5$short$hash'), { code: 'MALFORMED_PASSWORD_HASH' });
});
