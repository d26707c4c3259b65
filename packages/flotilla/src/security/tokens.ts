import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { type Duration, durationMs, type Ids, type Runtime } from '../kernel/index.ts';
import type { Identity } from './identity.ts';

/** The media type of access tokens (RFC 9068); it keeps other signed things from passing as one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

const ALGORITHM = 'ES256';

/** A private key as plain JSON, to be kept in the issuer's own database. */
export type SigningKey = JWK & { readonly kid: string };

/** The public halves of the keys, as `/jwks` answers them. */
export interface PublicJwks {
  readonly keys: readonly JWK[];
}

/** A new ES256 key. Rotate by publishing the new one for a while beside the old before signing with it. */
export async function createSigningKey(ids: Ids): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  // An EC key is one of the shapes that a JWK may have.
  const key = privateKey.export({ format: 'jwk' }) as JWK;
  return { ...key, kid: ids(), alg: ALGORITHM, use: 'sig' };
}

/** What verifiers may know of the keys: listed member by member, so that nothing private can slip through. */
export function publicJwks(keys: readonly SigningKey[]): PublicJwks {
  return {
    keys: keys.map(({ kty, crv, x, y, kid, alg, use }) => {
      const members = Object.entries({ kty, crv, x, y, kid, alg, use }).filter(([, value]) => value !== undefined);
      return Object.fromEntries(members) as unknown as JWK; // Of the members of a JWK only, which Object.entries forgot.
    }),
  };
}

export interface TokenIssuerOptions {
  key: SigningKey;
  issuer: string;
  /** Who should accept the tokens: the name that the gateway's `auth.audience` says. */
  audience: string;
  ttl: Duration;
  runtime: Pick<Runtime, 'clock' | 'ids'>;
}

/** A signed-in user; the subject must be there. */
export type TokenClaims = Identity & { readonly subject: string };

export interface TokenIssuer {
  /** A signed access token that says who somebody is and what they may do, for as long as the ttl. */
  issue(claims: TokenClaims): Promise<string>;
}

export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { key, issuer, audience, runtime } = options;
  const ttlSeconds = Math.ceil(durationMs(options.ttl) / 1000);
  return {
    async issue({ subject, roles, scopes }) {
      const { SignJWT } = await import('jose/jwt/sign');
      const now = Math.floor(runtime.clock.now() / 1000);
      return await new SignJWT({ roles, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: ACCESS_TOKEN_TYPE })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(now)
        .setExpirationTime(now + ttlSeconds)
        .setJti(runtime.ids())
        .sign(key);
    },
  };
}
