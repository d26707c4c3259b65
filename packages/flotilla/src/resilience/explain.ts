import { DEFAULTS } from './defaults.ts';
import { mergePolicies, type Policy } from './policy.ts';
import { resolvePolicy } from './settings.ts';

/** A policy and whose it is: `system`, `service stock`, `call`. */
export interface PolicyLayer<TFrom extends string = string> {
  readonly from: TFrom;
  readonly policy: Policy;
}

export interface ExplainedSetting<TFrom extends string = string> {
  /** As it is written: `retry.attempts`; or a stage that was taken out: `retry`. */
  readonly setting: string;
  /** As it is in effect. Times are milliseconds, `Infinity` is no bound; `false` for a stage that was taken out. */
  readonly value: unknown;
  readonly from: TFrom | 'default';
}

type Stage = keyof typeof DEFAULTS;

/** Settings whose written name is not the resolved one without its unit. */
const WRITTEN: Readonly<Record<string, string>> = { openMs: 'openFor', maxOpenMs: 'maxOpenFor' };

/** Every setting in effect and where it comes from. The layers are as for `mergePolicies`: the later ones are more specific. */
export function explainPolicy<TFrom extends string>(layers: readonly PolicyLayer<TFrom>[]): ExplainedSetting<TFrom>[] {
  const merged = mergePolicies(...layers.map(({ policy }) => policy));
  if (merged.retry || merged.hedge) merged.budget ??= {};
  if (merged.hedge) delete merged.retry;
  const rows = (Object.keys(DEFAULTS) as Stage[]).flatMap((stage) => explainStage(stage, merged, layers));
  const from = lastOf(layers, ({ fallback }) => fallback !== undefined);
  if (merged.fallback) rows.push({ setting: 'fallback', value: true, from });
  return rows;
}

function explainStage<TFrom extends string>(
  stage: Stage,
  merged: Policy,
  layers: readonly PolicyLayer<TFrom>[],
): ExplainedSetting<TFrom>[] {
  if (merged[stage] === undefined) return [];
  if (merged[stage] === false) {
    return [{ setting: stage, value: false, from: lastOf(layers, (policy) => policy[stage] === false) }];
  }
  // Whoever takes a stage out takes out what wider policies said about it.
  const since = layers.slice(layers.findLastIndex(({ policy }) => policy[stage] === false) + 1);
  return Object.entries(resolvePolicy(merged)[stage] ?? {}).map(([name, value]: [string, unknown]) => {
    const key = WRITTEN[name] ?? name.replace(/Ms$/, '');
    const from = lastOf(since, (policy) => (policy[stage] as Record<string, unknown> | undefined)?.[key] !== undefined);
    return { setting: `${stage}.${key}`, value, from };
  });
}

function lastOf<TFrom extends string>(
  layers: readonly PolicyLayer<TFrom>[],
  writes: (policy: Policy) => boolean,
): TFrom | 'default' {
  return layers.findLast(({ policy }) => writes(policy))?.from ?? 'default';
}
