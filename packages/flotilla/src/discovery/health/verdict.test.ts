import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Finding, judge, notReady, type Verdict } from './verdict.ts';

const after = (...findings: Finding[]): Verdict => findings.reduce((verdict, finding) => judge(verdict, finding), notReady);

test('two passes make ready, three failures make critical, and less of either turns nothing', () => {
  assert.equal(after('pass').status, 'starting');
  assert.equal(after('pass', 'pass').status, 'passing');
  assert.equal(after('pass', 'pass', 'fail', 'fail').status, 'passing');
  assert.equal(after('pass', 'pass', 'fail', 'fail', 'fail').status, 'critical');
  assert.equal(after('fail', 'fail', 'fail').status, 'critical');
  assert.equal(after('fail', 'fail', 'fail', 'pass').status, 'critical');
  assert.equal(after('fail', 'fail', 'fail', 'pass', 'warn').status, 'warning');
  assert.equal(after('pass', 'pass', 'warn').status, 'warning');
  assert.equal(after('pass', 'pass', 'warn', 'pass').status, 'passing');
});

test('checks that alternate never turn a verdict', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Finding>('pass', 'fail'), { maxLength: 200 }), (findings) => {
      let verdict = notReady;
      findings.forEach((finding, index) => {
        const before = verdict.status;
        verdict = judge(verdict, finding);
        if (verdict.status === before) return;
        const needed = verdict.status === 'critical' ? 3 : 2;
        assert.ok(findings.slice(index + 1 - needed, index + 1).every((one) => one === finding));
      });
    }),
  );
});
