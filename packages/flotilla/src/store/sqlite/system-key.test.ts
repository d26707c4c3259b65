import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemRandom } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { type KeyAgreement, type KeySeal, systemKey } from './system-key.ts';

/** Machines with a folder each and one seal between them. */
async function machines(count: number) {
  const root = await mkdtemp(join(tmpdir(), 'flotilla-keys-'));
  const folders = await Promise.all(Array.from({ length: count }, () => mkdtemp(join(root, 'machine-'))));
  let kept: string | undefined;
  const seal: KeySeal = async (fingerprint) => {
    // As far away as a database is.
    await stat(root);
    return (kept ??= fingerprint);
  };
  return {
    folders,
    sealed: () => kept,
    keyAt: (machine: number, more: KeyAgreement = {}): Promise<string> =>
      systemKey({ folder: folders[machine]!, seal, random: systemRandom, log: silentLogger, ...more }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

suite('the key of a system on several machines', () => {
  test('the first machine makes it; another is refused and makes none until it is brought there', async () => {
    await using at = await machines(2);
    const key = await at.keyAt(0);
    await assert.rejects(at.keyAt(1), { code: 'SYSTEM_KEY_MISSING', message: /Copy system\.key/ });
    assert.equal(existsSync(join(at.folders[1]!, 'system.key')), false);
    await writeFile(join(at.folders[1]!, 'system.key'), `${key}\n`, { mode: 0o600 });
    assert.equal(await at.keyAt(1), key);
  });

  test('a machine with another key is refused, wherever it has it from', async () => {
    await using at = await machines(2);
    await at.keyAt(0);
    await writeFile(join(at.folders[1]!, 'system.key'), 'x'.repeat(43), { mode: 0o600 });
    await assert.rejects(at.keyAt(1), { code: 'SYSTEM_KEY_WRONG', message: /system\.key/ });
    await assert.rejects(at.keyAt(1, { given: 'y'.repeat(43) }), {
      code: 'SYSTEM_KEY_WRONG',
      message: /The key in FLOTILLA_SYSTEM_KEY/,
    });
  });

  test('a key that is given is written nowhere, and what is shared does not hold it', async () => {
    await using at = await machines(1);
    const given = 'z'.repeat(43);
    assert.equal(await at.keyAt(0, { given }), given);
    assert.equal(existsSync(join(at.folders[0]!, 'system.key')), false);
    assert.doesNotMatch(at.sealed()!, /zzz/);
  });

  test('of processes that start together on one machine all get the one key', async () => {
    for (let round = 0; round < 20; round += 1) {
      await using at = await machines(1);
      const starting = Array.from({ length: 8 }, async () => {
        // One after the other, by less than it takes.
        for (let turns = Math.floor(systemRandom.next() * 8); turns > 0; turns -= 1) await stat(at.folders[0]!);
        return await at.keyAt(0);
      });
      assert.equal(new Set(await Promise.all(starting)).size, 1);
    }
  });

  test('of machines that start together one makes the key, and no other keeps one of its own', async () => {
    await using at = await machines(4);
    const keys = await Promise.allSettled(at.folders.map((_, machine) => at.keyAt(machine)));
    assert.equal(keys.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal(at.folders.filter((folder) => existsSync(join(folder, 'system.key'))).length, 1);
  });
});
