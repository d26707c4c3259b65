import { admit } from '../driver/admission.ts';
import type { InstanceRow } from '../driver/rows.ts';
import type { InstanceStatus, Lease, Registration } from '../instance.ts';
import type { Vitals } from '../registry.ts';
import type { Statements } from './statements.ts';

/** What can be done with a lease. Each function runs inside a write transaction. */

export function register(sql: Statements, registration: Registration, now: number): InstanceRow {
  const { id } = registration;
  const admission = admit(sql.find.get(id), registration, now);
  if (admission === 'renewal') renew(sql, registration, now);
  else {
    const { service, epoch, facts, status, registered_at, ttl_ms, expires_at } = admission;
    sql.put.run(id, service, epoch, facts, status, registered_at, ttl_ms, expires_at, next(sql));
  }
  return sql.find.get(id)!;
}

export function renew(sql: Statements, lease: Lease & Partial<Vitals>, now: number): boolean {
  const row = findLease(sql, lease);
  if (!row) return false;
  const blocked = lease.blocked === true ? 1 : 0;
  // A plain heartbeat, by far the most frequent write, is no news for anybody.
  if (row.blocked === blocked && row.stale === 0) sql.extend.run(row.id, now);
  else sql.revive.run(row.id, now, blocked, next(sql));
  return true;
}

export function setStatus(sql: Statements, lease: Lease, status: InstanceStatus): boolean {
  const row = findLease(sql, lease);
  if (row && row.status !== status) sql.setStatus.run(row.id, status, next(sql));
  return row !== undefined;
}

export function deregister(sql: Statements, lease: Lease, now: number): boolean {
  const row = findLease(sql, lease);
  if (row) sql.setGone.run(row.id, 'left', now, next(sql));
  return row !== undefined;
}

export function next(sql: Statements): number {
  return sql.nextRevision.get()!.revision;
}

function findLease(sql: Statements, { id, epoch }: Lease): InstanceRow | undefined {
  const row = sql.find.get(id);
  return row?.gone === null && row.epoch === epoch ? row : undefined;
}
