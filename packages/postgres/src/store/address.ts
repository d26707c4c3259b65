import { FlotillaError } from 'flotilla/kernel';

const SERVICE = /^[a-z][a-z0-9-]{0,62}$/;
/** PostgreSQL cuts longer names off without a word. */
const NAME_LENGTH = 63;
const DEFAULT_SYSTEM = 'flotilla';
const UNITS = 'units';
const DEFAULT_UNITS = 4;

/** A server and a database on it. */
export interface Address {
  readonly url: string;
  readonly database: string;
  /** For people and logs: without the password. */
  readonly description: string;
}

/** The database of one service: that of the URL, and the service's name behind it. */
export function addressOf(url: string, service: string): Address {
  if (!SERVICE.test(service)) throw badName(`'${service}' can't name a database. Use lower-case letters, digits and dashes.`);
  const name = `${systemDatabase(url)}_${service.replaceAll('-', '_')}`;
  if (name.length > NAME_LENGTH) throw badName(`'${name}' is too long for a database of PostgreSQL: ${NAME_LENGTH} characters.`);
  return inDatabase(url, name);
}

/** The database of the system itself: for what its parts share. */
export function systemAddress(url: string): Address {
  return inDatabase(url, systemDatabase(url));
}

/** Where databases can be created from, tried in this order. */
export function maintenanceAddresses(url: string): Address[] {
  return [systemDatabase(url), 'postgres', 'template1'].map((name) => inDatabase(url, name));
}

export function describe(url: string): string {
  const { host } = parse(url);
  return `PostgreSQL at ${host || 'localhost'}, databases ${systemDatabase(url)}_*`;
}

/** How many units of one service may run at once in one process, each on a connection: `?units=2`. */
export function unitsOf(url: string): number {
  const given = parse(url).searchParams.get(UNITS);
  const units = given === null ? DEFAULT_UNITS : Number(given);
  if (Number.isInteger(units) && units > 0) return units;
  throw badUrl(`'${given}' units can't run at once. Write a whole number from 1, as in postgres://db/shop?units=2.`);
}

function systemDatabase(url: string): string {
  return decodeURIComponent(parse(url).pathname.slice(1)) || DEFAULT_SYSTEM;
}

function inDatabase(url: string, database: string): Address {
  const parsed = parse(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  parsed.searchParams.delete(UNITS);
  return { url: parsed.href, database, description: `${parsed.host || 'localhost'}/${database}` };
}

function parse(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'postgres:' || parsed?.protocol === 'postgresql:') return parsed;
  throw badUrl('The address of a PostgreSQL server is written postgres://user:password@host:5432/system.');
}

function badUrl(message: string): FlotillaError {
  return new FlotillaError('INVALID_STORE_URL', { kind: 'invalid', message });
}

function badName(message: string): FlotillaError {
  return new FlotillaError('INVALID_SERVICE_NAME', { kind: 'invalid', message });
}
