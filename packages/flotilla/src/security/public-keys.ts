import { createHash } from 'node:crypto';
import type { CryptoKey, JWK } from 'jose';
import { canonicalJson, FlotillaError } from '../kernel/index.ts';

/** Signature algorithms with a public key. What shares a secret (HS256) or signs nothing (`none`) is not among them. */
export type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

/** One published key, ready to verify with the one algorithm it is for. */
export interface PublicKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
  /** Tells a new key that came under an old id from the old key. */
  readonly fingerprint: string;
}

const MAX_KEYS = 100;

/**
 * Reads a JWKS document. Keys that we have no use for are passed over: other algorithms, encryption keys, keys without an
 * id, keys that cannot be read. Throws when the document is not a key set or holds no usable key.
 */
export async function readKeySet(document: unknown, algorithms: readonly Algorithm[]): Promise<ReadonlyMap<string, PublicKey>> {
  const keys: unknown = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys)) throw malformed('it has no list of keys');
  if (keys.length > MAX_KEYS) throw malformed(`it holds ${keys.length} keys; at most ${MAX_KEYS} are read`);
  const found = new Map<string, PublicKey>();
  for (const jwk of keys as unknown[]) {
    const key = await readKey(jwk, algorithms);
    if (key && !found.has(key.kid)) found.set(key.kid, key);
  }
  if (found.size === 0) throw malformed(`it holds no key for ${algorithms.join(', ')}`);
  return found;
}

async function readKey(candidate: unknown, algorithms: readonly Algorithm[]): Promise<PublicKey | undefined> {
  if (typeof candidate !== 'object' || candidate === null) return undefined;
  const jwk = candidate as JWK;
  const algorithm = algorithmOf(jwk);
  if (typeof jwk.kid !== 'string' || algorithm === undefined || !algorithms.includes(algorithm)) return undefined;
  if ((jwk.use ?? 'sig') !== 'sig' || (jwk.alg ?? algorithm) !== algorithm) return undefined;
  // Only the public members count, whatever else the document says: a private key published by mistake stays a public one here.
  const { kty, crv, x, y, n, e } = jwk;
  const members = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined));
  const { importJWK } = await import('jose/key/import');
  try {
    const key = (await importJWK(members as JWK, algorithm)) as CryptoKey; // Bytes come of symmetric keys only.
    return { kid: jwk.kid, algorithm, key, fingerprint: createHash('sha256').update(canonicalJson(members)).digest('base64url') };
  } catch {
    return undefined;
  }
}

/** The key itself decides what it verifies; the header of a token never does. */
function algorithmOf({ kty, crv }: JWK): Algorithm | undefined {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  return undefined;
}

function malformed(why: string): FlotillaError {
  return new FlotillaError('MALFORMED_KEY_SET', { kind: 'unavailable', message: `The key set cannot be used: ${why}.` });
}
