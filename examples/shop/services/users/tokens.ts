import { systemRuntime } from 'flotilla/kernel';
import type { Unit } from 'flotilla/log';
import { createTokenIssuer, publicJwks, type PublicJwks, type SigningKey } from 'flotilla/security';
import type { UsersTables } from './database.ts';

type UsersDb = Unit<UsersTables>['db'];
type Role = UsersTables['users']['role'];

/** What each role may do beyond what every signed-in user may. */
const SCOPES: Readonly<Record<Role, readonly string[]>> = { customer: [], clerk: ['stock:write'] };

/** A token that says who somebody is, good for an hour. */
export async function tokenFor(db: UsersDb, { id, role }: { id: string; role: Role }): Promise<string> {
  const [key] = await signingKeys(db);
  const issuer = createTokenIssuer({ key: key!, issuer: 'shop', audience: 'shop', ttl: '1h', runtime: systemRuntime });
  return await issuer.issue({ subject: id, roles: [role], scopes: SCOPES[role] });
}

/** What others need to check our tokens. */
export async function publicKeys(db: UsersDb): Promise<PublicJwks> {
  return publicJwks(await signingKeys(db));
}

/** Newest first: key ids sort by the time they were made. */
async function signingKeys(db: UsersDb): Promise<SigningKey[]> {
  const rows = await db.selectFrom('signing_keys').select('jwk').orderBy('kid', 'desc').execute();
  return rows.map(({ jwk }) => JSON.parse(jwk) as SigningKey); // Written by our own migration.
}
