import type { EffectiveSetting } from 'flotilla/client';
import type { Config } from 'flotilla/config';
import type { Operation } from 'flotilla/contract';

/** A setting of the calls to an operation, and who decided on it. */
export interface PolicySetting {
  /** `timeout.attempt` */
  readonly setting: string;
  /** Times in milliseconds; null where there is no bound. */
  readonly value: unknown;
  readonly level: EffectiveSetting['level'];
  /** The file and line, or whatever else said so; undefined for a default. */
  readonly where: string | undefined;
}

type Explained = Pick<Config, 'explain' | 'explainAll'>;

/** Says where each setting of an operation comes from. */
export function sourcedPolicy(operation: Operation, effective: readonly EffectiveSetting[], config: Explained): PolicySetting[] {
  return effective.map(({ stage, key: setting, value, level }) => {
    const found = writerOf(operation, { stage, setting }, config) ?? { level, where: undefined };
    return { setting: `${stage}.${setting}`, value: value === Infinity ? null : value, ...found };
  });
}

/** Walks from the most specific level to the widest. A stage that one level takes out is as the levels below made it no more. */
function writerOf(
  operation: Operation,
  { stage, setting }: { stage: string; setting: string },
  config: Explained,
): Pick<PolicySetting, 'level' | 'where'> | undefined {
  const { service, name, timeoutMs } = operation;
  const levels = [
    { level: 'operation', key: `policies.services.${service}.operations.${name}` },
    { level: 'contract', key: undefined },
    { level: 'service', key: `policies.services.${service}.policy` },
    { level: 'system', key: 'policies.all' },
  ] as const;
  let isWritten = false;
  for (const { level, key } of levels) {
    if (key === undefined) {
      const isTimeout = timeoutMs !== undefined && stage === 'timeout';
      if (isTimeout && setting === 'attempt') return { level, where: `contract ${service}` };
      isWritten ||= isTimeout;
      continue;
    }
    const taken = config.explain(`${key}.${stage}`);
    const written = config.explain(`${key}.${stage}.${setting}`);
    if (written) return { level, where: written.where };
    if (taken?.value === false) return isWritten ? undefined : { level, where: taken.where };
    isWritten ||= config.explainAll(`${key}.${stage}`).length > 0;
  }
  return undefined;
}
