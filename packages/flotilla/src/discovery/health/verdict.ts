import type { InstanceStatus } from '../instance.ts';

export interface Thresholds {
  /** Failures in a row that make critical; 3 unless said. */
  readonly failures: number;
  /** Passes in a row that make passing; 2 unless said. */
  readonly passes: number;
}

export const defaultThresholds: Thresholds = { failures: 3, passes: 2 };

/** What one check found: it answers well, it answers but asks for less, or it does not answer as it should. */
export type Finding = 'pass' | 'warn' | 'fail';

/** A judgement that one bad or good check alone does not turn. */
export interface Verdict {
  readonly status: InstanceStatus;
  readonly passes: number;
  readonly failures: number;
}

export const notReady: Verdict = { status: 'starting', passes: 0, failures: 0 };

export function judge(verdict: Verdict, finding: Finding, thresholds: Thresholds = defaultThresholds): Verdict {
  if (finding === 'fail') {
    const failures = verdict.failures + 1;
    return { status: failures >= thresholds.failures ? 'critical' : verdict.status, passes: 0, failures };
  }
  const passes = verdict.passes + 1;
  const well = finding === 'warn' ? 'warning' : 'passing';
  // Between well and not quite well there is nothing to guard against: both are called.
  const isWell = verdict.status === 'passing' || verdict.status === 'warning';
  return { status: isWell || passes >= thresholds.passes ? well : verdict.status, passes, failures: 0 };
}
