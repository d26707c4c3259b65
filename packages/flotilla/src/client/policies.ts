import type { Operation } from '../contract/index.ts';
import { type CallPolicy, mergePolicies, type Policy, resolvePolicy, standardPolicy } from '../resilience/index.ts';

/** What a system says about calls to one service. */
export interface ServicePolicies {
  readonly policy?: Policy;
  /** By operation name. */
  readonly operations?: Readonly<Record<string, CallPolicy>>;
}

/** What a system says about the calls between its services. The more specific always wins. */
export interface Policies {
  readonly all?: Policy;
  /** By service name. */
  readonly services?: Readonly<Record<string, ServicePolicies>>;
}

/**
 * What every call gets unless somebody says otherwise: timeouts, retries of what is safe to repeat (every operation is: a
 * command carries an idempotency key), a breaker, and a bulkhead whose queue lets bursts wait instead of fail.
 */
export const callPolicy: Policy = mergePolicies(standardPolicy, { bulkhead: { limit: 100, queue: 1_000 } });

/** Who wrote a setting, from the weakest to the strongest. A call's own options are stronger than all. */
export type PolicyLevel = 'default' | 'system' | 'service' | 'contract' | 'operation';

interface Layer {
  readonly level: PolicyLevel;
  readonly policy: Policy;
}

/** The policy of a whole service: what remembers (breaker, limits, budget) is shared by its operations. */
export function servicePolicy(service: string, policies: Policies): Policy {
  return mergePolicies(...serviceLayers(service, policies).map(({ policy }) => policy));
}

/** What one operation adds to the policy of its service. */
export function operationPolicy(operation: Operation, policies: Policies): CallPolicy {
  return mergePolicies(...operationLayers(operation, policies).map(({ policy }) => policy));
}

function serviceLayers(service: string, { all = {}, services = {} }: Policies): Layer[] {
  return [
    { level: 'default', policy: callPolicy },
    { level: 'system', policy: all },
    { level: 'service', policy: services[service]?.policy ?? {} },
  ];
}

function operationLayers({ service, name, timeoutMs }: Operation, { services = {} }: Policies): Layer[] {
  return [
    { level: 'contract', policy: timeoutMs === undefined ? {} : { timeout: { attempt: timeoutMs } } },
    { level: 'operation', policy: services[service]?.operations?.[name] ?? {} },
  ];
}

/** One effective setting of an operation and who wrote it. */
export interface EffectiveSetting {
  readonly stage: string;
  readonly setting: string;
  /** The setting as it is written: `openFor` for `openMs`. */
  readonly key: string;
  /** Times are milliseconds; `Infinity` is no bound. */
  readonly value: unknown;
  readonly level: PolicyLevel;
}

/** Every timeout, retry, breaker and limit that applies to calls of an operation, as resolved, with where it comes from. */
export function effectivePolicy(operation: Operation, policies: Policies): EffectiveSetting[] {
  const layers = [...serviceLayers(operation.service, policies), ...operationLayers(operation, policies)];
  const settings = resolvePolicy(mergePolicies(...layers.map(({ policy }) => policy)));
  return Object.entries(settings).flatMap(([stage, values]: [string, object]) =>
    Object.entries(values).map(([name, value]: [string, unknown]) => {
      const key = WRITTEN[name] ?? name.replace(/Ms$/, '');
      return { stage, setting: name, key, value, level: writerOf(layers, stage, key) };
    }),
  );
}

/** Settings whose resolved name is not the written one with its unit. */
const WRITTEN: Readonly<Record<string, string>> = { openMs: 'openFor', maxOpenMs: 'maxOpenFor' };

function writerOf(layers: readonly Layer[], stage: string, key: string): PolicyLevel {
  const writes = ({ policy }: Layer): boolean => {
    const written = policy[stage as keyof Policy] as Record<string, unknown> | false | undefined;
    return written === false || written?.[key] !== undefined;
  };
  return layers.findLast(writes)?.level ?? 'default';
}
