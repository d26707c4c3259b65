export {
  type Balancer,
  type BalancerOptions,
  type BalancingPolicy,
  createBalancer,
  type EndpointView,
  type Flight,
  type Outcome,
  outcomeOf,
  type PickOptions,
} from './balancing/balancer.ts';
export type { OutlierOptions } from './balancing/outlier.ts';
export { sqliteRegistry, type SqliteRegistryOptions } from './embedded/sqlite-registry.ts';
export { type ExternalOptions, registerExternal } from './external.ts';
export type { HealthCheck, HealthTarget, Report } from './health/check.ts';
export { type HealthMonitorOptions, type Judgement, startHealthMonitor } from './health/monitor.ts';
export type { Finding, Thresholds } from './health/verdict.ts';
export { checkInstance, HEARTBEAT_MS, LEASE_TTL_MS } from './instance.ts';
export type { Instance, InstanceFacts, InstanceStatus, Lease, Registration } from './instance.ts';
export type { Lead } from './leadership/lead.ts';
export { createLeadership, type Leadership, type LeadershipOptions, type Standing } from './leadership/leadership.ts';
export { createRegistration, type RegistrationOptions, type SelfRegistration } from './registration.ts';
export type {
  LeaseState,
  Registry,
  RegistryChange,
  RegistryEvent,
  RegistryListener,
  RegistrySnapshot,
  Vitals,
} from './registry.ts';
export { createResolver, type Resolver, type ResolverOptions } from './resolver/resolver.ts';
export { dnsSource, type DnsSourceOptions } from './sources/dns-source.ts';
export { fileSource, type FileSourceOptions } from './sources/file-source.ts';
export { staticSource } from './sources/static-source.ts';
export type { InstanceSource } from './source.ts';
export { type Addresses, staticPeers } from './static-peers.ts';
