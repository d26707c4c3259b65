import { timingSafeEqual } from 'node:crypto';
import { digest, isFlotillaError, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { HttpHandler, HttpRequest } from '../../transport/index.ts';
import type { Registry } from '../registry.ts';
import { Agent } from './agent.ts';
import { answerAgent } from './agent-routes.ts';
import { type Answer, json, refusal, Refused } from './answer.ts';
import { block } from './blocking.ts';
import { Catalog } from './catalog.ts';
import { answerCatalog } from './catalog-routes.ts';
import { KeyValues } from './key-values.ts';
import { answerKv } from './kv-routes.ts';
import { checksOf } from './meta.ts';
import type { ConsulParts, ConsulRequest } from './parts.ts';
import { type Node, statusOf } from './shapes.ts';

export interface ConsulApiOptions {
  readonly registry: Registry;
  /** Where the key-value store lies. */
  readonly folder: string;
  /** When given, every request must carry it as `x-consul-token` or as a bearer token. */
  readonly token?: string | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** The registry as Consul's clients know it. One process of a system answers, because it runs the checks of what was registered. */
export interface ConsulApi extends Disposable {
  /** For a listener of its own; paths start with `/v1/`. */
  readonly handler: HttpHandler;
}

const NODE: Node = { name: 'flotilla', address: '127.0.0.1', datacenter: 'dc1' };
const FAMILIES = { agent: answerAgent, catalog: answerCatalog, health: answerCatalog } as const;

export function createConsulApi({ registry, folder, token, runtime, log }: ConsulApiOptions): ConsulApi {
  const stack = new DisposableStack();
  const catalog = stack.use(new Catalog(registry));
  const agent = stack.use(new Agent({ registry, runtime, log }));
  const keys = stack.use(new KeyValues(folder, runtime.clock));
  stack.use(resume(catalog, agent));
  const parts: ConsulParts = { registry, catalog, agent, node: NODE, runtime };

  const answer = async (request: ConsulRequest): Promise<Answer> => {
    const [family = '', ...rest] = request.path;
    if (family === 'kv') return await answerKeys(keys, request, runtime);
    if (!catalog.isKnown) throw new Refused(500, 'No cluster leader');
    if (family === 'status' && rest[0] === 'leader') return json(`${NODE.address}:8300`);
    if (family === 'status' && rest[0] === 'peers') return json([`${NODE.address}:8300`]);
    if (!Object.hasOwn(FAMILIES, family)) throw new Refused(404, 'Invalid URL path: not a recognized HTTP API endpoint');
    return await FAMILIES[family as keyof typeof FAMILIES](request, parts);
  };

  return {
    async handler(request, signal) {
      try {
        if (token !== undefined && !carries(request, token)) throw new Refused(403, 'Permission denied');
        return await answer({ ...read(request), signal });
      } catch (error) {
        if (error instanceof Refused) return error.answer;
        if (isFlotillaError(error) && error.kind === 'invalid') return refusal(400, error.message);
        if (isFlotillaError(error) && error.kind === 'conflict') return refusal(409, error.message);
        log.warn({ err: error, path: request.path }, 'a request to the Consul API failed');
        return refusal(500, isFlotillaError(error) ? error.message : 'Internal error');
      }
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

async function answerKeys(keys: KeyValues, request: ConsulRequest, runtime: Runtime): Promise<Answer> {
  const { method, query, signal, body } = request;
  const key = request.path.slice(1).join('/');
  const indexed = { index: () => keys.index(key), onChange: (callback: () => void) => keys.onChange(callback) };
  if (method === 'GET') await block(indexed, { query, runtime, signal });
  return answerKv(keys, { method, key, query, body });
}

function read({ method, path, query, body }: HttpRequest): Omit<ConsulRequest, 'signal'> {
  if (!path.startsWith('/v1/')) throw new Refused(404, 'Invalid URL path: not a recognized HTTP API endpoint');
  try {
    const segments = path.slice('/v1/'.length).split('/').map(decodeURIComponent);
    return { method, path: segments, query: new URLSearchParams(query), body };
  } catch {
    throw new Refused(400, 'Invalid URL path: not UTF-8');
  }
}

function carries({ headers }: HttpRequest, token: string): boolean {
  const given = headers['x-consul-token'] ?? /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  // Of equal length whatever was sent.
  return timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(token)));
}

/** Takes up the checks of services that were registered before this process started, as soon as the registry tells of them. */
function resume(catalog: Catalog, agent: Agent): Disposable {
  const watch = catalog.onChange(() => {
    watch[Symbol.dispose]();
    for (const { instance } of catalog.entries()) {
      const initial = statusOf(instance);
      agent.adopt(
        instance,
        checksOf(instance).map((check) => ({ ...check, initial })),
      );
    }
  });
  return watch;
}
