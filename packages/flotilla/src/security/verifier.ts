import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import * as errors from 'jose/errors';
import { createLruMap, FlotillaError, type Runtime } from '../kernel/index.ts';
import { identityOf } from './claims.ts';
import type { Identity } from './identity.ts';
import { KeyCache, type KeyFetcher } from './key-cache.ts';
import type { Algorithm, PublicKey } from './public-keys.ts';
import { ACCESS_TOKEN_TYPE } from './tokens.ts';

export interface TokenVerifierOptions {
  issuer: string;
  audience: string;
  /** RS256, ES256 and EdDSA unless said. */
  algorithms?: readonly Algorithm[];
  jwks: KeyFetcher;
  /** The token type that the issuer writes; `at+jwt` (RFC 9068) unless said. */
  type?: string;
  runtime: Pick<Runtime, 'clock'>;
}

export interface TokenVerifier {
  /** The identity behind a token. Rejects with `INVALID_TOKEN`, or with `KEYS_UNAVAILABLE` when nobody can tell at present. */
  verify(token: string, signal: AbortSignal): Promise<Identity>;
}

interface Verified {
  readonly key: PublicKey;
  readonly identity: Identity;
  /** Seconds since the epoch from which on the token is refused. */
  readonly until: number;
}

const ALGORITHMS: readonly Algorithm[] = ['RS256', 'ES256', 'EdDSA'];
const MAX_TOKEN_LENGTH = 8_192;
const LEEWAY_SECONDS = 30;
/** The last second that a `Date` can name; an expiry beyond it means never. */
const LAST_SECOND = 8.64e12;
const MAX_REMEMBERED = 10_000;

/**
 * Verifies access tokens against the published keys of one issuer. The key decides the algorithm; addresses of keys inside
 * a token (`jku`, `x5u`, `jwk`) are never followed. A verified token is remembered until it expires or its key is withdrawn.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { algorithms = ALGORITHMS, runtime } = options;
  const keys = new KeyCache({ fetch: options.jwks, algorithms, clock: runtime.clock });
  const remembered = createLruMap<string, Verified>({ maxEntries: MAX_REMEMBERED });
  const seconds = (): number => runtime.clock.now() / 1000;

  async function check(token: string, key: PublicKey): Promise<Verified> {
    const { jwtVerify } = await import('jose/jwt/verify');
    const { payload } = await jwtVerify(token, key.key, {
      algorithms: [key.algorithm],
      issuer: options.issuer,
      audience: options.audience,
      typ: options.type ?? ACCESS_TOKEN_TYPE,
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ['exp'],
      currentDate: new Date(runtime.clock.now()),
    });
    return accept(payload, key);
  }

  /** A signature that fails may be right under a newer key of the same id. */
  async function checkOrRefresh(token: string, key: PublicKey, signal: AbortSignal): Promise<Verified> {
    try {
      return await check(token, key);
    } catch (error) {
      const replaced = error instanceof errors.JWSSignatureVerificationFailed ? await keys.findReplaced(key, signal) : undefined;
      if (!replaced) throw error;
      return check(token, replaced);
    }
  }

  return {
    async verify(token, signal) {
      const kid = keyIdOf(token);
      const key = await keys.find(kid, signal);
      if (!key) throw invalidToken('it is signed with a key that its issuer does not publish');
      const id = createHash('sha256').update(token).digest('base64url');
      const known = remembered.get(id);
      if (known && known.key.fingerprint === key.fingerprint && seconds() < known.until) return known.identity;
      const verified = await checkOrRefresh(token, key, signal).catch(refuse);
      remembered.set(id, verified);
      return verified.identity;
    },
  };
}

function keyIdOf(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) throw invalidToken(`it is longer than ${MAX_TOKEN_LENGTH} characters`);
  let kid: string | undefined;
  try {
    kid = decodeProtectedHeader(token).kid;
  } catch (cause) {
    throw invalidToken('it is not a signed JSON Web Token', cause);
  }
  if (typeof kid !== 'string') throw invalidToken('its header names no key');
  return kid;
}

function accept(payload: JWTPayload, key: PublicKey): Verified {
  const identity = identityOf(payload);
  if (!identity) throw invalidToken('it names no subject that can be used');
  if (payload.exp! > LAST_SECOND) throw invalidToken('its expiry is not a date');
  return { key, identity, until: payload.exp! + LEEWAY_SECONDS };
}

/** Our own errors pass; everything the token library says becomes one code, with what a client's developer needs to know. */
function refuse(error: unknown): never {
  if (error instanceof FlotillaError) throw error;
  if (error instanceof errors.JWTExpired) throw invalidToken('it has expired', error);
  if (error instanceof errors.JWTClaimValidationFailed) throw invalidToken(`its '${error.claim}' is not acceptable`, error);
  if (error instanceof errors.JWSSignatureVerificationFailed) throw invalidToken('its signature is wrong', error);
  throw invalidToken('it cannot be verified', error);
}

function invalidToken(why: string, cause?: unknown): FlotillaError {
  return new FlotillaError('INVALID_TOKEN', { kind: 'unauthenticated', message: `The token is refused: ${why}.`, cause });
}
