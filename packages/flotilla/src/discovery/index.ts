export { HEARTBEAT_MS, LEASE_TTL_MS } from './instance.ts';
export type { Instance, InstanceFacts, InstanceStatus, Lease, Registration } from './instance.ts';
export type {
  LeaseState,
  Registry,
  RegistryChange,
  RegistryEvent,
  RegistryListener,
  RegistrySnapshot,
  Vitals,
} from './registry.ts';
export type { InstanceSource } from './source.ts';
export { type Addresses, staticPeers } from './static-peers.ts';
