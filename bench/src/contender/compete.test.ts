import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { inTurn, startContender } from './start.ts';

const MOLECULER = join(import.meta.dirname, '../../peers/inprocess/moleculer.ts');
const OURS = join(import.meta.dirname, '../inprocess/flotilla.ts');

test('a contender that is run by hand measures once, prints its figures and ends', { timeout: 60_000 }, async () => {
  const args = [MOLECULER, '--in-flight', '2', '--seconds', '0.05'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { perSecond, p50Ms, p99Ms } = JSON.parse(stdout) as Record<string, number>;
  assert.ok(perSecond! > 0 && p99Ms! >= p50Ms!);
});

test(
  'contenders are measured one after another, the first is ours, and they end with the case',
  { timeout: 60_000 },
  async () => {
    const measuring: string[] = [];
    const [ours, theirs] = [await startContender(OURS), await startContender(MOLECULER)];
    const watched = new Map(
      Object.entries({ ours, theirs }).map(([name, { measure }]) => {
        return [name, { measure: (order: Parameters<typeof measure>[0]) => measure(order).finally(() => measuring.push(name)) }];
      }),
    );
    const round = await inTurn(watched, { inFlight: 2, durationMs: 20 });
    assert.deepEqual(measuring, ['ours', 'theirs']);
    assert.ok(round.own.perSecond! > 0 && round.peers!.theirs!.perSecond! > 0);
    for (const contender of [ours, theirs]) {
      await contender[Symbol.asyncDispose]();
      assert.equal(contender.process.connected, false);
    }
  },
);
