import { DEFAULTS } from './defaults.ts';
import { mergePolicies, type Policy } from './policy.ts';

/** A policy and whose it is: `system`, `service stock`, `call`. */
export interface PolicyLayer {
  readonly from: string;
  readonly policy: Policy;
}

export interface ExplainedSetting {
  /** `retry.attempts`, or a stage that is off: `retry`. */
  readonly setting: string;
  readonly value: unknown;
  /** Whose value it is, or `default`. */
  readonly from: string;
}

type Stage = keyof typeof DEFAULTS;

/** Every setting in effect and where it comes from. The layers are as for `mergePolicies`: the later ones are more specific. */
export function explainPolicy(layers: readonly PolicyLayer[]): ExplainedSetting[] {
  const merged = mergePolicies(...layers.map(({ policy }) => policy));
  if (merged.retry || merged.hedge) merged.budget ??= {};
  if (merged.hedge) delete merged.retry;
  const rows = (Object.keys(DEFAULTS) as Stage[]).flatMap((stage) => explainStage(stage, merged[stage], layers));
  const from = lastOf(layers, ({ fallback }) => fallback !== undefined);
  if (merged.fallback) rows.push({ setting: 'fallback', value: true, from });
  return rows;
}

function explainStage(stage: Stage, settings: Policy[Stage], layers: readonly PolicyLayer[]): ExplainedSetting[] {
  if (settings === undefined) return [];
  if (settings === false) return [{ setting: stage, value: false, from: lastOf(layers, (policy) => policy[stage] === false) }];
  // Whoever takes a stage out takes out what wider policies said about it.
  const since = layers.slice(layers.findLastIndex(({ policy }) => policy[stage] === false) + 1);
  return Object.entries({ ...DEFAULTS[stage], ...settings }).map(([key, value]: [string, unknown]) => ({
    setting: `${stage}.${key}`,
    value,
    from: lastOf(since, (policy) => Object.hasOwn(policy[stage] || {}, key)),
  }));
}

function lastOf(layers: readonly PolicyLayer[], writes: (policy: Policy) => boolean): string {
  return layers.findLast(({ policy }) => writes(policy))?.from ?? 'default';
}
