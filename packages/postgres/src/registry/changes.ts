import { type InstanceStatus, type Lease, type Registration } from 'flotilla/discovery';
import { admit, believe, type InstanceRow, type Swept, TELL_MS } from 'flotilla/discovery/driver';
import type { Change } from './registry-database.ts';
import { SCHEMA } from './schema.ts';

/** What can be changed in the registry. Each function runs inside a change. */

export async function register({ query, now, next }: Change, registration: Registration): Promise<InstanceRow> {
  const [known] = await query<InstanceRow>(`SELECT * FROM ${SCHEMA}.instances WHERE id = $1`, [registration.id]);
  const admission = admit(known, registration, now);
  if (admission === 'renewal') return await revive({ query, now, next }, known!, 0);
  const { id, service, epoch, facts, status, registered_at, ttl_ms, expires_at } = admission;
  const [row] = await query<InstanceRow>(
    `INSERT INTO ${SCHEMA}.instances (id, service, epoch, facts, status, registered_at, ttl_ms, expires_at, revision)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (id) DO UPDATE SET
         service = $2, epoch = $3, facts = $4, status = $5, blocked = 0, stale = 0, gone = NULL,
         registered_at = $6, ttl_ms = $7, expires_at = $8, revision = $9
       RETURNING *`,
    [id, service, epoch, facts, status, registered_at, ttl_ms, expires_at, await next()],
  );
  return row!;
}

/** A heartbeat that may be news: of one who was held as stale, or whose main loop stopped or turns again. */
export async function renew(change: Change, lease: Lease, blocked: 0 | 1): Promise<boolean> {
  const row = await findLease(change, lease);
  if (row) await revive(change, row, blocked);
  return row !== undefined;
}

export async function setStatus(change: Change, lease: Lease, status: InstanceStatus): Promise<boolean> {
  const row = await findLease(change, lease);
  if (row && row.status !== status) {
    const values = [row.id, status, await change.next()];
    await change.query(`UPDATE ${SCHEMA}.instances SET status = $2, revision = $3 WHERE id = $1`, values);
  }
  return row !== undefined;
}

export async function deregister(change: Change, lease: Lease): Promise<boolean> {
  const row = await findLease(change, lease);
  if (row) await drop(change, [row], 'left');
  return row !== undefined;
}

/** Drops the instances whose leases are over, or holds them when there are too many, and forgets who has been gone for long. */
export async function sweep(change: Change): Promise<Swept> {
  const { query, now, next } = change;
  const leases = await query<InstanceRow>(`SELECT * FROM ${SCHEMA}.instances WHERE gone IS NULL AND expires_at IS NOT NULL`);
  const { dropped, held } = believe(
    leases.filter(({ expires_at }) => expires_at! <= now),
    leases.length,
    now,
  );
  if (dropped.length > 0) await drop(change, dropped, 'expired');
  const news = held.filter(({ stale }) => stale === 0);
  if (news.length > 0) {
    const values = [news.map(({ id }) => id), await next()];
    await query(`UPDATE ${SCHEMA}.instances SET stale = 1, revision = $2 WHERE id = ANY ($1)`, values);
  }
  await query(
    `WITH old AS (DELETE FROM ${SCHEMA}.instances WHERE gone IS NOT NULL AND expires_at <= $1 RETURNING revision)
       UPDATE ${SCHEMA}.registry SET forgotten = greatest(forgotten, (SELECT max(revision) FROM old))`,
    [now - TELL_MS],
  );
  return { expired: dropped.length, held: held.length };
}

/** For those who are gone, `expires_at` says since when. */
async function drop({ query, now, next }: Change, rows: readonly InstanceRow[], gone: 'left' | 'expired'): Promise<void> {
  const values = [rows.map(({ id }) => id), gone, now, await next()];
  await query(`UPDATE ${SCHEMA}.instances SET gone = $2, expires_at = $3, revision = $4 WHERE id = ANY ($1)`, values);
}

async function revive({ query, now, next }: Change, row: InstanceRow, blocked: 0 | 1): Promise<InstanceRow> {
  const isNews = row.blocked !== blocked || row.stale === 1;
  const [revived] = await query<InstanceRow>(
    `UPDATE ${SCHEMA}.instances SET expires_at = $2 + ttl_ms, blocked = $3, stale = 0, revision = $4 WHERE id = $1 RETURNING *`,
    [row.id, now, blocked, isNews ? await next() : row.revision],
  );
  return revived!;
}

async function findLease({ query }: Change, { id, epoch }: Lease): Promise<InstanceRow | undefined> {
  const text = `SELECT * FROM ${SCHEMA}.instances WHERE id = $1 AND epoch = $2 AND gone IS NULL`;
  return (await query<InstanceRow>(text, [id, epoch]))[0];
}
