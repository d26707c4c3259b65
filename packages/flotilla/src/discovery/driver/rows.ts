import type { Instance, InstanceStatus, Registration } from '../instance.ts';
import type { RegistryChange } from '../registry.ts';

export interface InstanceRow {
  id: string;
  service: string;
  epoch: number;
  /** What does not change while an incarnation is registered, as JSON. */
  facts: string;
  status: InstanceStatus;
  blocked: 0 | 1;
  stale: 0 | 1;
  gone: 'left' | 'expired' | null;
  registered_at: number;
  ttl_ms: number | null;
  expires_at: number | null;
  revision: number;
}

type Facts = Pick<Instance, 'url' | 'version' | 'zone' | 'weight' | 'metadata'>;

export function factsOf({ url, version, zone, weight, metadata }: Registration): string {
  return JSON.stringify({ url, version, zone, weight, metadata } satisfies Facts);
}

export function instanceOf(row: InstanceRow): Instance {
  // Only `factsOf` writes this column.
  const facts = JSON.parse(row.facts) as Facts;
  const shed = row.blocked === 1 && (row.status === 'passing' || row.status === 'warning');
  return {
    id: row.id,
    service: row.service,
    epoch: row.epoch,
    ...facts,
    status: shed ? 'critical' : row.status,
    registeredAt: row.registered_at,
    expiresAt: row.expires_at ?? undefined,
    stale: row.stale === 1,
  };
}

export function changeOf(row: InstanceRow): RegistryChange {
  if (row.gone === null) return { kind: 'put', instance: instanceOf(row) };
  return { kind: 'gone', id: row.id, service: row.service, reason: row.gone };
}
