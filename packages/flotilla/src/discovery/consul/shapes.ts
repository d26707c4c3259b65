import type { Instance } from '../instance.ts';
import type { Agent } from './agent.ts';
import type { Entry } from './catalog.ts';
import { metaOf, tagsOf } from './meta.ts';

/** The one node that this registry seems to be to Consul's clients. */
export interface Node {
  readonly name: string;
  readonly address: string;
  readonly datacenter: string;
}

type ConsulStatus = 'passing' | 'warning' | 'critical';

/** Consul knows three. Who starts or drains should get no calls, which there is called critical. */
export function statusOf({ status }: Instance): ConsulStatus {
  return status === 'passing' || status === 'warning' ? status : 'critical';
}

export function serviceShape({ instance, created, modified }: Entry) {
  const { hostname } = new URL(instance.url);
  return {
    ID: instance.id,
    Service: instance.service,
    Tags: tagsOf(instance),
    Address: hostname.replace(/^\[|\]$/g, ''),
    Meta: metaOf(instance),
    Port: portOf(instance.url),
    Weights: { Passing: instance.weight, Warning: 1 },
    EnableTagOverride: false,
    CreateIndex: created,
    ModifyIndex: modified,
  };
}

/** As it was written: a URL parser would leave out the usual ones. */
function portOf(url: string): number {
  return Number(/:(\d+)$/.exec(url)?.[1] ?? 0);
}

export function nodeShape({ name, address, datacenter }: Node) {
  const indexes = { CreateIndex: 1, ModifyIndex: 1 };
  return { ID: '', Node: name, Address: address, Datacenter: datacenter, TaggedAddresses: {}, Meta: {}, ...indexes };
}

/** As `/v1/catalog/service` lists it: node and service in one. */
export function catalogShape(entry: Entry, node: Node) {
  const { ID, Service, Tags, Address, Meta, Port, Weights, EnableTagOverride, CreateIndex, ModifyIndex } = serviceShape(entry);
  return {
    ...nodeShape(node),
    ServiceID: ID,
    ServiceName: Service,
    ServiceTags: Tags,
    ServiceAddress: Address,
    ServiceMeta: Meta,
    ServicePort: Port,
    ServiceWeights: Weights,
    ServiceEnableTagOverride: EnableTagOverride,
    CreateIndex,
    ModifyIndex,
  };
}

/** The checks of a service. One that did not come through Consul has a single one, which says its status. */
export function checkShapes({ instance, created, modified }: Entry, agent: Agent, node: Node) {
  const shared = {
    Node: node.name,
    Notes: '',
    ServiceID: instance.id,
    ServiceName: instance.service,
    ServiceTags: tagsOf(instance),
    CreateIndex: created,
    ModifyIndex: modified,
  };
  const reports = agent.reports(instance.id).map(({ definition, status, output }) => {
    return { ...shared, CheckID: definition.id, Name: definition.name, Status: status, Output: output, Type: definition.kind };
  });
  if (reports.length > 0) return reports;
  const name = `Service '${instance.service}' status`;
  const output = `registered as ${instance.status}${instance.stale ? ', lease over' : ''}`;
  return [{ ...shared, CheckID: `service:${instance.id}`, Name: name, Status: statusOf(instance), Output: output, Type: 'ttl' }];
}

export function healthShape(entry: Entry, agent: Agent, node: Node) {
  return { Node: nodeShape(node), Service: serviceShape(entry), Checks: checkShapes(entry, agent, node) };
}
