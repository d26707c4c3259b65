import type { Dispatcher } from 'undici';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http-message.ts';
import { exchangeError, singleHeaders } from './answer.ts';
import type { HttpPools } from './pools.ts';

export interface HttpUpstreamOptions {
  /** For messages: the service behind the URL. */
  service: string;
  /** Requests go to this URL followed by their own path: `http://127.0.0.1:4001/orders`. */
  baseUrl: string;
  pools: HttpPools;
}

/** Meant for one connection only; the next one has its own. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A service in another process as a handler: passes requests on and answers what it answers. */
export function httpUpstream({ service, baseUrl, pools }: HttpUpstreamOptions): HttpHandler {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');
  return async (request, signal) => {
    try {
      const { method, body } = request;
      const path = prefix + request.path + (request.query === '' ? '' : `?${request.query}`);
      return await readResponse(await pools.request({ origin, path, method, headers: forwarded(request.headers), body, signal }));
    } catch (thrown) {
      throw exchangeError(service, thrown);
    }
  };
}

async function readResponse({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<HttpResponse> {
  const bytes = new Uint8Array(await body.arrayBuffer());
  const { 'set-cookie': cookies, ...others } = headers;
  return {
    status: statusCode,
    headers: forwarded(singleHeaders(others)),
    ...(cookies !== undefined && { cookies: [cookies].flat() }),
    body: bytes.length === 0 ? undefined : bytes,
  };
}

function forwarded(headers: HttpRequest['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (!HOP_BY_HOP.has(name)) kept[name] = value;
  return kept;
}
