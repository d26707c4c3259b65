import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { cutThePower } from './power-loss/outage.ts';
import type { Deed } from './power-loss/syscalls.ts';
import { recordingProblem, recordWorker } from './power-loss/record.ts';

const UNITS = 120;
const CUTS = 200;
const skip = recordingProblem() ?? false;

suite('the power is cut, and the disk forgets what was not synced', { skip }, () => {
  test('no acknowledged commit is lost, and the database can be read', async (context) => {
    const deeds = await recordWorker(UNITS, 'full');
    assert.ok(checkpointsOf(deeds) > 1, 'the log was copied into the database while commits went on');
    const { cuts, losses } = await cutThePower(deeds, CUTS);
    context.diagnostic(`${cuts} cuts in ${deeds.length} system calls`);
    assert.deepEqual(losses, []);
  });

  test('a store with synchronous = NORMAL loses what it acknowledged', async (context) => {
    const { cuts, losses } = await cutThePower(await recordWorker(UNITS, 'normal'), CUTS / 5);
    context.diagnostic(`${losses.length} losses in ${cuts} cuts`);
    assert.ok(losses.length > cuts / 10);
    assert.match(losses.join('\n'), /acknowledged commits are lost/);
  });
});

/** How often the database itself was written to, after its log. */
function checkpointsOf(deeds: readonly Deed[]): number {
  const writes = deeds.flatMap((deed) => (deed.kind === 'write' ? [deed.path] : []));
  return writes.filter((path, index) => path === 'ledger.db' && writes[index - 1] === 'ledger.db-wal').length;
}
