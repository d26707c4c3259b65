import type { Contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { ServiceDefinition } from '../service/index.ts';
import { operationsOf } from '../contract/index.ts';

export interface SystemSpec {
  services: readonly ServiceDefinition[];
  /** Routes file of the gateway, relative to the system file. */
  gateway?: string;
  /** Folder of configuration files, relative to the system file. */
  config?: string;
}

/** A whole system in one value: which services there are, who may call whom, and what outsiders reach. */
export interface SystemDefinition extends SystemSpec {
  readonly name: string;
}

const SYSTEM_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Declares a system. Throws `INVALID_SYSTEM` listing everything that does not fit together: two services that claim one
 * operation, an operation nobody handles, a call or subscription to a service that is not in the system.
 */
export function system(name: string, spec: SystemSpec): SystemDefinition {
  const problems = [
    ...(SYSTEM_NAME.test(name) ? [] : [`'${name}' is not a system name: write lower-case letters, digits and dashes`]),
    ...rivalClaims(spec.services),
    ...spec.services.flatMap(missingHandlers),
    ...spec.services.flatMap((service) => missingNeighbours(service, spec.services)),
  ];
  if (problems.length === 0) return { name, ...spec };
  throw new FlotillaError('INVALID_SYSTEM', {
    kind: 'invalid',
    message: `The system '${name}' does not fit together:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    details: { problems },
  });
}

function rivalClaims(services: readonly ServiceDefinition[]): string[] {
  const owners = new Map<string, Contract>();
  return services.flatMap(({ contract }) => {
    const rival = owners.get(contract.name);
    owners.set(contract.name, contract);
    if (!rival) return [];
    const operations = operationsOf(contract).map(({ id }) => id);
    const sides = `one of team ${rival.team} (${rival.version}) and one of team ${contract.team} (${contract.version})`;
    return [`two services claim ${operations.join(', ') || contract.name}: ${sides}`];
  });
}

function missingHandlers({ contract, handlers }: ServiceDefinition): string[] {
  const missing = operationsOf(contract).filter(({ name }) => !Object.hasOwn(handlers, name));
  return missing.map(({ id }) => `${id} has no handler`);
}

/** The services that a service calls, from handlers and from sagas. */
export function calledBy({ calls, sagas }: ServiceDefinition): string[] {
  const contracts = [calls, ...sagas.map((saga) => saga.calls)].flatMap((called) => Object.values(called));
  return [...new Set(contracts.map(({ name }) => name))];
}

function missingNeighbours(service: ServiceDefinition, services: readonly ServiceDefinition[]): string[] {
  const known = new Set(services.map(({ contract }) => contract.name));
  const strangers = calledBy(service).filter((name) => !known.has(name));
  const silent = service.subscriptions.filter(({ event }) => !known.has(event.service));
  return [
    ...strangers.map((name) => `${service.contract.name} calls '${name}', which is not in the system`),
    ...silent.map(({ event }) => `${service.contract.name} waits for ${event.id}, but '${event.service}' is not in the system`),
  ];
}
