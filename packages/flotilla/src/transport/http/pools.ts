import type { Dispatcher, Pool } from 'undici';
import type { FlotillaError } from '../../kernel/index.ts';
import { answerLost, unreachable } from '../unavailable.ts';

export interface HttpPoolsOptions {
  /** Connections to one origin at most; further requests wait for a free one within their deadline. */
  connections?: number;
  connectTimeoutMs?: number;
  /** Answers above this are cut off and fail. */
  maxAnswerBytes?: number;
}

/** One request to another process. */
export interface OutgoingRequest {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** Keep-alive connections to other processes, one pool for each origin. Disposing waits for running requests. */
export interface HttpPools extends AsyncDisposable {
  request(request: OutgoingRequest): Promise<Dispatcher.ResponseData>;
}

/** Shorter than any server's own limit, Node's being 5 s: we close first and never write into a closing connection. */
const KEEP_ALIVE_MS = 4_000;
const NOT_SENT: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CLOSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
]);

export function createHttpPools(options: HttpPoolsOptions = {}): HttpPools {
  const { connections = 128, connectTimeoutMs = 1_000, maxAnswerBytes = 16 * 1024 * 1024 } = options;
  const pools = new Map<string, Pool>();
  const open = async (origin: string): Promise<Pool> => {
    // Loaded with the first request to another process: a system in one process makes none.
    const { Pool } = await import('undici');
    const known = pools.get(origin);
    if (known) return known;
    const pool = new Pool(origin, {
      connections,
      connect: { timeout: connectTimeoutMs },
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxResponseSize: maxAnswerBytes,
      // Every request has a deadline of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    pools.set(origin, pool);
    return pool;
  };
  return {
    request: async ({ origin, body, ...rest }) => {
      const pool = pools.get(origin) ?? (await open(origin));
      return await pool.request({ ...rest, method: rest.method as Dispatcher.HttpMethod, body: body ?? null });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

/** What a failed exchange means to a caller: never sent, or sent with an unknown outcome. */
export function connectionError(service: string, cause: unknown): FlotillaError {
  const code = String((cause as NodeJS.ErrnoException).code);
  return NOT_SENT.has(code) ? unreachable(service, `nobody answers (${code})`, cause) : answerLost(service, cause);
}
