import { FlotillaError } from 'flotilla/kernel';

/** How the operator answers the question whether a power failure may cost events that NATS had acknowledged. */
export type SyncPromise = 'always' | 'accepted';

/** What a bus URL says. */
export interface NatsAddress {
  /** For people and logs: without credentials. */
  readonly shown: string;
  /** `host:port` of each server that is named. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Path of a file with a token and a key, as `nsc` writes them; read anew for each connection. */
  readonly credentials: string | undefined;
  /** Copies of each stream in a cluster. */
  readonly replicas: number;
  readonly sync: SyncPromise | undefined;
  /** Base URL of the server's monitoring endpoint. */
  readonly monitor: string | undefined;
}

const SHAPE = /^(?<scheme>nats|tls):\/\/(?:(?<login>[^@/?#]+)@)?(?<hosts>[^@/?#]+)\/?(?:\?(?<query>[^#]*))?$/;
const HOST = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/i;
const PARAMETERS: ReadonlySet<string> = new Set(['credentials', 'replicas', 'sync', 'monitor']);
const DEFAULT_PORT = 4222;

/**
 * Reads `nats://user:password@host:4222,host2?replicas=3&sync=accepted&monitor=http://host:8222`; `tls://` encrypts. One name
 * before the `@` is a token. Throws `BUS_URL_INVALID`, which never repeats a password.
 */
export function parseNatsUrl(url: string): NatsAddress {
  const { scheme, login, hosts, query } = SHAPE.exec(url)?.groups ?? {};
  if (scheme === undefined || hosts === undefined) throw invalid('write nats://[user:password@]host[:port][,host…][?replicas=3]');
  const parameters = new URLSearchParams(query ?? '');
  const unknown = [...parameters.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0) throw invalid(`there is no '${unknown[0]}'; it takes ${[...PARAMETERS].join(', ')}`);
  const servers = hosts.split(',').map(server);
  const [user, ...password] = (login ?? '').split(':');
  return {
    shown: `${scheme}://${servers.join(',')}`,
    servers,
    tls: scheme === 'tls',
    user: user === '' ? undefined : decoded(user),
    password: password.length === 0 ? undefined : decoded(password.join(':')),
    credentials: parameters.get('credentials') ?? undefined,
    replicas: replicas(parameters.get('replicas') ?? '1'),
    sync: sync(parameters.get('sync')),
    monitor: monitor(parameters.get('monitor')),
  };
}

function server(host: string): string {
  const { name, port } = HOST.exec(host)?.groups ?? {};
  if (name === undefined || Number(port ?? 1) > 65_535) throw invalid(`'${host}' is not a host with a port`);
  return `${name}:${port ?? DEFAULT_PORT}`;
}

function replicas(text: string): number {
  if (!/^[1-5]$/.test(text)) throw invalid('replicas are 1 to 5');
  return Number(text);
}

function sync(text: string | null): SyncPromise | undefined {
  if (text === null || text === 'always' || text === 'accepted') return text ?? undefined;
  throw invalid("sync is 'always' or 'accepted'");
}

function monitor(text: string | null): string | undefined {
  if (text === null || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text ?? undefined;
  throw invalid('monitor is an http URL such as http://localhost:8222');
}

function decoded(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '');
  } catch {
    throw invalid('what stands before the @ is not well percent-encoded');
  }
}

function invalid(why: string): FlotillaError {
  return new FlotillaError('BUS_URL_INVALID', { kind: 'invalid', message: `The URL of the bus is not well formed: ${why}.` });
}
