import type { Logger } from '../telemetry/index.ts';
import { type Answered, isFault } from './answered.ts';
import { OWN_PATHS } from './reserved-paths.ts';

/** nginx's number for a client that closed the connection; it is never sent. */
const CLIENT_LEFT = 499;

/**
 * One line for each request: an error when the system failed, for debugging when it did not, because a busy gateway has better
 * things to do than write. The query is left out, because people put secrets there.
 */
export function logAccess(log: Logger, answered: Answered): void {
  const { arrival, route, response, ms, left } = answered;
  const { request, requestId, trace, client } = arrival;
  const status = left ? CLIENT_LEFT : response.status;
  const fields = {
    requestId,
    traceId: trace.traceId,
    method: request.method,
    path: request.path,
    route: route?.path,
    status,
    ms: Math.round(ms * 10) / 10,
    client: client.address,
    cache: response.headers['cache-status'],
  };
  // Who asks for the health of the system is told, and reports what has to be reported.
  if (isFault(answered) && !OWN_PATHS.has(request.path)) log.error(fields, 'A request failed.');
  else log.debug(fields, left ? 'A client left before its answer.' : 'A request was answered.');
}
