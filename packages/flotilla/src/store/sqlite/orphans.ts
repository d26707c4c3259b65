import type { DatabaseSync } from 'node:sqlite';

/**
 * Ends every lease at once. Only for a process that is alone on the data: whoever held a lease there has died, and waiting for
 * it to expire would hold up all it left behind. Fences rise with the next owner as ever.
 */
export function endLeasesOfTheDead(db: DatabaseSync): void {
  db.exec(`
    BEGIN IMMEDIATE;
    UPDATE flotilla_leases SET expires_at = 0 WHERE owner IS NOT NULL;
    UPDATE flotilla_sagas SET lease_until = 0 WHERE owner IS NOT NULL;
    COMMIT`);
}
