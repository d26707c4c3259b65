import type { OwnAnswers } from '../gateway/index.ts';
import { type HttpHandler, noSuchRoute, problemResponse } from '../transport/index.ts';
import type { Network } from './network.ts';

const VITALS: ReadonlySet<string> = new Set(['/health', '/livez', '/readyz']);

/** What a process answers to its own system: the services that run in it at `/{service}/…`, and how it is doing. */
export function createInternalFace(network: Network, ownAnswers: OwnAnswers): HttpHandler {
  return async (request, signal) => {
    const { method, path } = request;
    try {
      if (VITALS.has(path)) return await ownAnswers(method, path, signal);
      const end = path.indexOf('/', 1);
      const face = end === -1 ? undefined : network.localFace(path.slice(1, end));
      if (!face) throw noSuchRoute(path);
      return await face({ ...request, path: path.slice(end) }, signal);
    } catch (thrown) {
      return problemResponse(thrown, { instance: path });
    }
  };
}
