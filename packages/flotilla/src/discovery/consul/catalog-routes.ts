import { type Answer, json, Refused } from './answer.ts';
import { block } from './blocking.ts';
import type { Entry } from './catalog.ts';
import type { ConsulParts, ConsulRequest } from './parts.ts';
import { tagsOf } from './meta.ts';
import { catalogShape, checkShapes, healthShape, nodeShape, statusOf } from './shapes.ts';

/** Answers the reading side, `/v1/catalog/…` and `/v1/health/…`, all of it with blocking queries. */
export async function answerCatalog(request: ConsulRequest, parts: ConsulParts): Promise<Answer> {
  const { method, path, query, signal } = request;
  const { catalog, runtime } = parts;
  if (method !== 'GET') throw new Refused(405, 'method not allowed');
  if (query.has('filter')) throw new Refused(400, 'Filters are not supported');
  const [family, topic, ...rest] = path;
  const name = rest.join('/');
  const look = LOOKS[`${family}/${topic}`];
  if (!look) throw new Refused(404, 'Invalid URL path: not a recognized HTTP API endpoint');
  const service = look.ofService ? name : undefined;
  const indexed = { index: () => catalog.index(service), onChange: (callback: () => void) => catalog.onChange(callback) };
  await block(indexed, { query, runtime, signal });
  return json(look.see(name, query, parts), {
    'x-consul-index': String(indexed.index()),
    'x-consul-knownleader': String(catalog.isCurrent),
    'x-consul-lastcontact': '0',
  });
}

interface Look {
  /** It tells of one service, and waits for that one only. */
  readonly ofService: boolean;
  see(name: string, query: URLSearchParams, parts: ConsulParts): unknown;
}

const LOOKS: Readonly<Record<string, Look>> = {
  'catalog/services': {
    ofService: false,
    see: (_name, _query, { catalog }) => {
      const tags = new Map<string, string[]>();
      for (const { instance } of catalog.entries()) {
        tags.set(instance.service, [...new Set([...(tags.get(instance.service) ?? []), ...tagsOf(instance)])]);
      }
      return Object.fromEntries(tags);
    },
  },
  'catalog/service': {
    ofService: true,
    see: (name, query, parts) => tagged(parts.catalog.entries(name), query).map((entry) => catalogShape(entry, parts.node)),
  },
  'catalog/nodes': { ofService: false, see: (_name, _query, { node }) => [nodeShape(node)] },
  'catalog/datacenters': { ofService: false, see: (_name, _query, { node }) => [node.datacenter] },
  'health/service': {
    ofService: true,
    see: (name, query, parts) => {
      const found = tagged(parts.catalog.entries(name), query).filter(({ instance }) => {
        return !wantsPassing(query) || statusOf(instance) === 'passing';
      });
      return found.map((entry) => healthShape(entry, parts.agent, parts.node));
    },
  },
  'health/checks': {
    ofService: true,
    see: (name, _query, parts) => parts.catalog.entries(name).flatMap((entry) => checkShapes(entry, parts.agent, parts.node)),
  },
  'health/state': {
    ofService: false,
    see: (state, _query, parts) => {
      const checks = parts.catalog.entries().flatMap((entry) => checkShapes(entry, parts.agent, parts.node));
      return state === 'any' ? checks : checks.filter(({ Status }) => Status === state);
    },
  },
};

function tagged(entries: readonly Entry[], query: URLSearchParams): readonly Entry[] {
  const wanted = query.getAll('tag');
  return entries.filter(({ instance }) => wanted.every((tag) => tagsOf(instance).includes(tag)));
}

function wantsPassing(query: URLSearchParams): boolean {
  const passing = query.get('passing');
  return passing !== null && passing !== 'false' && passing !== '0';
}
