import { type Contract, findOperation, type Operation, operationsOf } from '../../contract/index.ts';
import { FlotillaError } from '../../kernel/index.ts';
import type { HttpRequest, HttpResponse } from '../http-message.ts';
import { readJsonBody } from './json-body.ts';
import { createRouteInput } from './route-input.ts';
import { jsonResponse } from './route-output.ts';
import { methodNotAllowed, RouteTable } from './route-table.ts';

/** What one request asks for, before anything of it is read but its path. */
export interface Target {
  readonly operation: string;
  /** It is answered with items. */
  readonly streams: boolean;
  readonly readInput: (request: HttpRequest) => unknown;
  /** Of an output. */
  readonly respond: (output: unknown) => HttpResponse;
}

export type FindTarget = (request: HttpRequest) => Target;
type Routes = RouteTable<(parameters: Readonly<Record<string, string>>) => Target>;

const CALL_PREFIX = '/call/';

/** Every operation, also the system's own, at `POST /call/{operation}`, and the routes that the contract binds. Throws for others. */
export function createTargets(contract: Contract): FindTarget {
  const routes = routesOf(operationsOf(contract));
  return ({ method, path }) => {
    if (path.startsWith(CALL_PREFIX)) return callTarget(contract, method, path.slice(CALL_PREFIX.length));
    return routed(routes, method, path);
  };
}

/** The routes that are answered with items; undefined for whatever else is asked for. */
export function createStreamTargets(contract: Contract): (request: HttpRequest) => Target | undefined {
  const routes = routesOf(Object.values(contract.streams));
  return ({ method, path }) => (routes.has(method, path) ? routed(routes, method, path) : undefined);
}

function routesOf(operations: readonly Operation[]): Routes {
  const routes: Routes = new RouteTable();
  for (const operation of operations) {
    const { http, name, kind } = operation;
    if (!http) continue;
    const readInput = createRouteInput(operation);
    routes.add(http.method, http.path, (parameters) => ({
      operation: name,
      streams: kind === 'stream',
      readInput: (request) => readInput(request, parameters),
      respond: (output) => jsonResponse(output, http),
    }));
  }
  return routes;
}

function routed(routes: Routes, method: string, path: string): Target {
  const { target, parameters } = routes.match(method, path);
  return target(parameters);
}

function callTarget(contract: Contract, method: string, operation: string): Target {
  const found = findOperation(contract, operation);
  if (!operation.startsWith('$') && !found) {
    const message = `${contract.name} has no operation '${operation.slice(0, 80)}'.`;
    throw new FlotillaError('NO_SUCH_OPERATION', { kind: 'not-found', message });
  }
  if (method !== 'POST') throw methodNotAllowed(method, ['POST']);
  return { operation, streams: found?.kind === 'stream', readInput: readJsonBody, respond: jsonResponse };
}
