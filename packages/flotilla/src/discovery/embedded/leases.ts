import { FlotillaError } from '../../kernel/index.ts';
import type { InstanceStatus, Lease, Registration } from '../instance.ts';
import { LEASE_TTL_MS } from '../instance.ts';
import type { Vitals } from '../registry.ts';
import { factsOf, type InstanceRow } from './rows.ts';
import type { Statements } from './statements.ts';

/** What can be done with a lease. Each function runs inside a write transaction. */

export function register(sql: Statements, registration: Registration, now: number): InstanceRow {
  const { id, service, epoch, status } = registration;
  const known = sql.find.get(id);
  const listed = known?.gone === null ? known : undefined;
  if (listed && listed.epoch > epoch && !isOver(listed, now)) throw superseded(id, listed.epoch);

  if (listed && listed.service !== service && !isOver(listed, now)) throw taken(listed);

  const facts = factsOf(registration);
  const ttlMs = registration.ttlMs === 'none' ? null : (registration.ttlMs ?? LEASE_TTL_MS);
  const same = listed?.epoch === epoch ? listed : undefined;
  if (same && same.service === service && same.facts === facts && same.status === status && same.ttl_ms === ttlMs) {
    renew(sql, registration, now);
  } else {
    const expiresAt = ttlMs === null ? null : now + ttlMs;
    const registeredAt = same?.registered_at ?? now;
    sql.put.run(id, service, epoch, facts, status, registeredAt, ttlMs, expiresAt, next(sql));
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

function isOver(row: InstanceRow, now: number): boolean {
  return row.expires_at !== null && row.expires_at <= now;
}

function taken({ id, service }: InstanceRow): FlotillaError {
  return new FlotillaError('INSTANCE_ID_TAKEN', {
    kind: 'conflict',
    message: `The id '${id}' belongs to an instance of '${service}'. Give each instance an id of its own.`,
    details: { id, service },
  });
}

function superseded(id: string, epoch: number): FlotillaError {
  return new FlotillaError('INSTANCE_SUPERSEDED', {
    kind: 'conflict',
    message: `A newer incarnation of the instance '${id}' is registered. Stop one of the two, or give them ids of their own.`,
    details: { id, epoch },
  });
}
