import { userInfo } from 'node:os';
import { type OptionSpecs, type OptionValues, wrongUsage } from './command.ts';

/** Who acts, and why: both are kept for the audit. */
export const AUDIT_OPTIONS = {
  reason: { type: 'string', value: 'TEXT', description: 'Why, for the audit' },
  operator: { type: 'string', value: 'NAME', description: 'Who, for the audit; your user name unless said' },
} as const satisfies OptionSpecs;

export interface Audit {
  readonly operator: string;
  readonly reason: string | undefined;
}

export function auditOf({ reason, operator }: OptionValues<typeof AUDIT_OPTIONS>, isReasonRequired = false): Audit {
  if (isReasonRequired && !reason?.trim()) throw wrongUsage('--reason is missing: say why, for the audit');
  return { reason, operator: operator ?? userInfo().username };
}
