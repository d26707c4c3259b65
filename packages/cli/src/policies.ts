import type { PolicyLevel } from 'flotilla/client';
import type { Config } from 'flotilla/config';
import type { Operation } from 'flotilla/contract';
import type { ExplainedSetting } from 'flotilla/resilience';

/** A setting of the calls to an operation, and who decided on it. */
export interface PolicySetting {
  /** `timeout.attempt`; of a stage that was taken out, its name. */
  readonly setting: string;
  /** Times in milliseconds; null where there is no bound. */
  readonly value: unknown;
  readonly level: PolicyLevel;
  /** The file and line, or whatever else said so; undefined for a default. */
  readonly where: string | undefined;
}

/** Says where in the configuration, or in which contract, each setting of an operation is written. */
export function sourcedPolicy(
  operation: Operation,
  effective: readonly ExplainedSetting<PolicyLevel>[],
  config: Pick<Config, 'explain'>,
): PolicySetting[] {
  const { service, name } = operation;
  const keys: Readonly<Partial<Record<PolicyLevel, string>>> = {
    system: 'policies.all',
    service: `policies.services.${service}.policy`,
    operation: `policies.services.${service}.operations.${name}`,
  };
  return effective.map(({ setting, value, from: level }) => {
    const key = keys[level];
    const where = key === undefined ? undefined : config.explain(`${key}.${setting}`)?.where;
    return {
      setting,
      value: value === Infinity ? null : value,
      level,
      where: level === 'contract' ? `contract ${service}` : where,
    };
  });
}
