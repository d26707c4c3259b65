import { scrypt, timingSafeEqual } from 'node:crypto';
import { FlotillaError, type Random, systemRandom } from '../kernel/index.ts';

/** The outcome of a check. When `rehash` is true, store `hashPassword` of the same password: the old text is weaker than today's. */
export interface PasswordCheck {
  readonly ok: boolean;
  readonly rehash: boolean;
}

interface Cost {
  /** Binary logarithm of scrypt's N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

// One of the equivalent settings that OWASP recommends, the one that takes the least memory: 16 MiB for each check under way.
const COST: Cost = { logN: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,})\$([A-Za-z0-9+/]{43})$/;

/** A salted scrypt hash as one line of text that carries its own parameters (PHC string format). */
export async function hashPassword(password: string, random: Random = systemRandom): Promise<string> {
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const hash = await derive(password, salt, COST);
  return `$scrypt$ln=${COST.logN},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Checks a password against the stored text, in constant time. Pass `undefined` when there is no such user: the check then
 * takes as long and fails, so that an answer's time does not tell who has an account.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<PasswordCheck> {
  const { cost, salt, hash } = stored === undefined ? NOBODY : parseStored(stored);
  const ok = timingSafeEqual(await derive(password, salt, cost), hash) && stored !== undefined;
  return { ok, rehash: ok && (cost.logN !== COST.logN || cost.r !== COST.r || cost.p !== COST.p) };
}

const NOBODY = { cost: COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

function parseStored(stored: string): typeof NOBODY {
  const match = STORED.exec(stored);
  if (!match) {
    throw new FlotillaError('MALFORMED_PASSWORD_HASH', {
      kind: 'internal',
      message: 'The stored text is not a password hash. Store what hashPassword returns.',
    });
  }
  const cost = { logN: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  return { cost, salt: Buffer.from(match[4]!, 'base64'), hash: Buffer.from(match[5]!, 'base64') };
}

function derive(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** logN;
  // The same password typed on two keyboards may arrive in different Unicode forms.
  const normal = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(normal, salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
