import type { Operation } from '../contract/index.ts';
import {
  type CallPolicy,
  type ExplainedSetting,
  explainPolicy,
  mergePolicies,
  type Policy,
  type PolicyLayer,
  standardPolicy,
} from '../resilience/index.ts';

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

type Layer = PolicyLayer<PolicyLevel>;

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
    { from: 'default', policy: callPolicy },
    { from: 'system', policy: all },
    { from: 'service', policy: services[service]?.policy ?? {} },
  ];
}

function operationLayers({ service, name, timeoutMs }: Operation, { services = {} }: Policies): Layer[] {
  return [
    { from: 'contract', policy: timeoutMs === undefined ? {} : { timeout: { attempt: timeoutMs } } },
    { from: 'operation', policy: services[service]?.operations?.[name] ?? {} },
  ];
}

/** Every timeout, retry, breaker and limit that applies to calls of an operation, with the level that decided on it. */
export function effectivePolicy(operation: Operation, policies: Policies): ExplainedSetting<PolicyLevel>[] {
  return explainPolicy([...serviceLayers(operation.service, policies), ...operationLayers(operation, policies)]);
}
