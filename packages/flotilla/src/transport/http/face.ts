import { type Contract, findOperation, operationsOf } from '../../contract/index.ts';
import { FlotillaError, type Runtime } from '../../kernel/index.ts';
import type { CallHandler, CallMetadata } from '../call.ts';
import { withinDeadline } from '../deadline.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http-message.ts';
import { createMetadataReader } from './headers.ts';
import { readJsonBody } from './json-body.ts';
import { problemResponse } from './problem.ts';
import { createRouteInput } from './route-input.ts';
import { jsonResponse } from './route-output.ts';
import { methodNotAllowed, RouteTable } from './route-table.ts';

export interface HttpFaceOptions {
  contract: Contract;
  call: CallHandler;
  systemKey: string;
  runtime: Runtime;
  /** For callers that set no limit; 15 s unless said. */
  defaultTimeoutMs?: number;
}

/** What one request asks for, before anything of it is read but its path. */
interface Target {
  readonly operation: string;
  readonly readInput: (request: HttpRequest) => unknown;
  readonly respond: (output: unknown) => HttpResponse;
}

const CALL_PREFIX = '/call/';

/**
 * A service as plain HTTP: every operation, also the system's own, at `POST /call/{operation}`, and the routes that its
 * contract binds. Every failure becomes a problem document; nothing rejects.
 */
export function createHttpFace(options: HttpFaceOptions): HttpHandler {
  const { contract, call, runtime } = options;
  const findTarget = createTargets(contract);
  const readMetadata = createMetadataReader(options);
  return async (request, signal) => {
    let metadata: CallMetadata | undefined;
    try {
      metadata = readMetadata(request.headers);
      const target = findTarget(request);
      const { operation } = target;
      const made = { service: contract.name, operation, input: target.readInput(request), metadata };
      return target.respond(await withinDeadline(runtime.clock, { call: made, signal }, (inner) => call(made, inner)));
    } catch (thrown) {
      return problemResponse(thrown, { instance: request.path, requestId: metadata?.correlationId ?? runtime.ids() });
    }
  };
}

function createTargets(contract: Contract): (request: HttpRequest) => Target {
  const routes = new RouteTable<(parameters: Readonly<Record<string, string>>) => Target>();
  for (const operation of operationsOf(contract)) {
    const { http, name } = operation;
    if (!http) continue;
    const readInput = createRouteInput(operation);
    routes.add(http.method, http.path, (parameters) => ({
      operation: name,
      readInput: (request) => readInput(request, parameters),
      respond: (output) => jsonResponse(output, http),
    }));
  }
  return ({ method, path }) => {
    if (path.startsWith(CALL_PREFIX)) return callTarget(contract, method, path.slice(CALL_PREFIX.length));
    const { target, parameters } = routes.match(method, path);
    return target(parameters);
  };
}

function callTarget(contract: Contract, method: string, operation: string): Target {
  if (!operation.startsWith('$') && !findOperation(contract, operation)) {
    const message = `${contract.name} has no operation '${operation.slice(0, 80)}'.`;
    throw new FlotillaError('NO_SUCH_OPERATION', { kind: 'not-found', message });
  }
  if (method !== 'POST') throw methodNotAllowed(method, ['POST']);
  return { operation, readInput: readJsonBody, respond: jsonResponse };
}
