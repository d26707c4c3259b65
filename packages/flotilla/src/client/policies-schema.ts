import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { type Contract, type JsonSchema, operationsOf } from '../contract/index.ts';
import { isFlotillaError } from '../kernel/index.ts';
import { type Policy, resolvePolicy } from '../resilience/index.ts';
import type { Policies } from './policies.ts';

const DURATION = { type: ['number', 'string'] };
const COUNT = { type: 'integer', minimum: 0 };
const SHARE = { type: 'number', minimum: 0 };

/** The stages that can be written in a file, with the type of each setting. A fallback is code, so it is not among them. */
const CALL_STAGES: Readonly<Record<string, JsonSchema>> = {
  timeout: stage({ attempt: DURATION, total: DURATION }),
  retry: stage({ attempts: COUNT, delay: DURATION, maxDelay: DURATION }),
  hedge: stage({ attempts: COUNT, delay: DURATION }),
};
const SERVICE_STAGES: Readonly<Record<string, JsonSchema>> = {
  ...CALL_STAGES,
  budget: object({ ratio: SHARE, floorPerSecond: COUNT }),
  breaker: stage({
    failureRatio: SHARE,
    minimumCalls: COUNT,
    window: DURATION,
    openFor: DURATION,
    maxOpenFor: DURATION,
    probes: COUNT,
    maxProbing: DURATION,
  }),
  bulkhead: stage({ limit: COUNT, queue: COUNT }),
  adaptive: stage({ start: COUNT, min: COUNT, max: COUNT }),
};

type PoliciesSchema = StandardSchemaV1<Policies> & StandardJSONSchemaV1<Policies>;

/**
 * The schema of `policies` in a system's configuration: `all`, and for each service a `policy` and its `operations`. It knows
 * the system's services and operations, so a name that is misspelt is refused instead of ignored.
 */
export function policiesSchema(contracts: readonly Contract[]): PoliciesSchema {
  const jsonSchema = object({
    all: object(SERVICE_STAGES),
    services: object(Object.fromEntries(contracts.map((contract) => [contract.name, serviceSchema(contract)]))),
  });
  const convert = (): Record<string, unknown> => jsonSchema;
  return { '~standard': { version: 1, vendor: 'flotilla', validate, jsonSchema: { input: convert, output: convert } } };
}

function serviceSchema(contract: Contract): JsonSchema {
  const operations = Object.fromEntries(operationsOf(contract).map(({ name }) => [name, object(CALL_STAGES)]));
  return object({ policy: object(SERVICE_STAGES), operations: object(operations) });
}

/** The layers of the configuration have checked names and types by the JSON Schema; what remains is whether the values can work. */
function validate(value: unknown): StandardSchemaV1.Result<Policies> {
  const policies = (value ?? {}) as Policies;
  const issues = [
    ...issuesOf(['all'], policies.all),
    ...Object.entries(policies.services ?? {}).flatMap(([service, { policy, operations = {} }]) => [
      ...issuesOf(['services', service, 'policy'], policy),
      ...Object.entries(operations).flatMap(([name, one]) => issuesOf(['services', service, 'operations', name], one)),
    ]),
  ];
  return issues.length > 0 ? { issues } : { value: policies };
}

function issuesOf(path: string[], policy: Policy | undefined): StandardSchemaV1.Issue[] {
  try {
    resolvePolicy(policy ?? {});
    return [];
  } catch (thrown) {
    if (isFlotillaError(thrown)) return [{ path, message: thrown.message }];
    throw thrown;
  }
}

/** A stage's settings, or `false` to take it out. */
function stage(settings: Record<string, JsonSchema>): JsonSchema {
  return { anyOf: [object(settings), { type: 'boolean', const: false }] };
}

function object(properties: Record<string, JsonSchema>): Record<string, unknown> {
  return { type: 'object', properties, additionalProperties: false };
}
