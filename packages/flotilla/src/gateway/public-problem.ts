import { isFlotillaError, parseJson } from '../kernel/index.ts';
import type { HttpResponse } from '../transport/index.ts';

/** A problem as outsiders should read it: it speaks of the path they asked for, not of the one the service saw. */
export function publicProblem(response: HttpResponse, stripPrefix: string): HttpResponse {
  const { headers, body } = response;
  const isProblem = headers['content-type']?.startsWith('application/problem+json') ?? false;
  if (body === undefined || stripPrefix === '' || !isProblem) return response;
  const problem = readProblem(body);
  const instance = problem?.['instance'];
  if (typeof instance !== 'string' || !instance.startsWith('/')) return response;
  return { ...response, body: JSON.stringify({ ...problem, instance: stripPrefix + instance }) };
}

function readProblem(body: string | Uint8Array): Record<string, unknown> | undefined {
  try {
    const problem = parseJson(typeof body === 'string' ? body : new TextDecoder().decode(body));
    return typeof problem === 'object' && problem !== null && !Array.isArray(problem) ? problem : undefined;
  } catch (thrown) {
    // What a service calls a problem without writing one is passed on as it is.
    if (isFlotillaError(thrown)) return undefined;
    throw thrown;
  }
}
