import { type Duration, durationMs, FlotillaError, isPoisonedKey } from '../kernel/index.ts';
import type { EventSpec, EventType } from './event.ts';
import type {
  CommandSpec,
  DeclaredError,
  ErrorSpec,
  HttpMethod,
  HttpRoute,
  Operation,
  OperationKind,
  OperationSpec,
  QuerySpec,
  StreamOperationSpec,
  StreamSpec,
} from './operation.ts';

export type Queries = Record<string, QuerySpec>;
export type Commands = Record<string, CommandSpec>;
export type Streams = Record<string, StreamSpec>;
export type Events = Record<string, EventSpec>;
type None = Record<never, never>;

export interface ContractSpec<
  TQueries extends Queries,
  TCommands extends Commands,
  TEvents extends Events,
  TStreams extends Streams = None,
> {
  /** Semantic version of the promise. */
  version: string;
  /** The team that answers for it. */
  team: string;
  queries?: TQueries;
  commands?: TCommands;
  streams?: TStreams;
  events?: TEvents;
}

/** What a service promises: shared between services, holding no logic. */
export interface Contract<
  TName extends string = string,
  TQueries extends Queries = Queries,
  TCommands extends Commands = Commands,
  TEvents extends Events = Events,
  TStreams extends Streams = Streams,
> {
  readonly name: TName;
  readonly version: string;
  readonly team: string;
  readonly queries: { readonly [TKey in keyof TQueries]: Operation<TQueries[TKey], 'query'> };
  readonly commands: { readonly [TKey in keyof TCommands]: Operation<TCommands[TKey], 'command'> };
  readonly streams: { readonly [TKey in keyof TStreams]: Operation<StreamOperationSpec<TStreams[TKey]>, 'stream'> };
  readonly events: { readonly [TKey in keyof TEvents]: EventType<TEvents[TKey]> };
}

const SEMVER = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const SERVICE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const MEMBER_NAME = /^[A-Za-z][A-Za-z0-9]{0,62}$/;

/**
 * Declares a contract. Throws `INVALID_CONTRACT`, naming the member, for a name, version, duration or route that is not
 * well formed and for two operations that claim one name or one route.
 */
export function contract<
  const TName extends string,
  const TQueries extends Queries = None,
  const TCommands extends Commands = None,
  const TEvents extends Events = None,
  const TStreams extends Streams = None,
>(
  name: TName,
  spec: ContractSpec<TQueries, TCommands, TEvents, TStreams>,
): Contract<TName, TQueries, TCommands, TEvents, TStreams> {
  if (!SERVICE_NAME.test(name)) throw invalid(name, 'a service name is lower-case letters, digits and dashes');
  if (!SEMVER.test(spec.version)) throw invalid(name, `'${spec.version}' is not a semantic version such as 1.0.0`);
  const queries = operations(name, 'query', spec.queries);
  const commands = operations(name, 'command', spec.commands);
  const streams = operations(name, 'stream', outputsOf(spec.streams));
  refuseSharedClaims(
    name,
    [queries, commands, streams].flatMap((all) => Object.values(all)),
  );
  return {
    name,
    version: spec.version,
    team: spec.team,
    // Each mapped type is built key by key from the spec of that key; the compiler can't follow the loop.
    queries: queries as Contract<TName, TQueries>['queries'],
    commands: commands as Contract<TName, TQueries, TCommands>['commands'],
    streams: streams as unknown as Contract<TName, TQueries, TCommands, TEvents, TStreams>['streams'],
    events: events(name, spec.events) as Contract<TName, TQueries, TCommands, TEvents>['events'],
  };
}

/** Every operation of a contract: queries, commands, streams. */
export function operationsOf(of: Contract): Operation[] {
  return [of.queries, of.commands, of.streams].flatMap((all) => Object.values<Operation>(all));
}

/** The operation of that name, or undefined. */
export function findOperation(of: Contract, name: string): Operation | undefined {
  return [of.queries, of.commands, of.streams].find((all) => Object.hasOwn(all, name))?.[name];
}

function operations(service: string, kind: OperationKind, specs: Record<string, QuerySpec> = {}): Record<string, Operation> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, operation({ service, kind, name }, spec)]));
}

function operation({ service, kind, name }: Pick<Operation, 'service' | 'kind' | 'name'>, spec: QuerySpec): Operation {
  const id = `${service}.${name}`;
  if (!isMemberName(name)) throw invalid(id, 'an operation name is letters and digits, starting with a letter');
  const http = spec.http === undefined ? undefined : httpBinding(id, spec.http);
  if (kind === 'stream' && http && http.method !== 'GET') throw invalid(id, `a stream is read with GET, not with ${http.method}`);
  return {
    kind,
    service,
    name,
    id,
    input: spec.input,
    output: spec.output,
    errors: declaredErrors(spec),
    http,
    timeoutMs: milliseconds(id, spec.timeout),
    cacheMs: milliseconds(id, spec.cache),
    access: spec.access ?? 'internal',
    summary: spec.summary,
  };
}

function outputsOf(streams: Streams = {}): Record<string, QuerySpec> {
  return Object.fromEntries(Object.entries(streams).map(([name, { item, ...spec }]) => [name, { ...spec, output: item }]));
}

function declaredErrors(spec: OperationSpec): Record<string, DeclaredError> {
  const declared = ([code, error]: [string, ErrorSpec]): [string, DeclaredError] =>
    '~standard' in error ? [code, { kind: 'conflict', details: error }] : [code, error];
  return Object.fromEntries(Object.entries(spec.errors ?? {}).map(declared));
}

function httpBinding(id: string, http: NonNullable<OperationSpec['http']>): NonNullable<Operation['http']> {
  const binding = typeof http === 'string' ? { route: http } : http;
  const match = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)$/.exec(binding.route);
  if (!match) throw invalid(id, `'${binding.route}' is not a route such as 'GET /products/{id}'`);
  return { ...binding, route: binding.route as HttpRoute, method: match[1] as HttpMethod, path: match[2]! };
}

function milliseconds(id: string, duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  try {
    return durationMs(duration);
  } catch (cause) {
    throw invalid(id, (cause as Error).message);
  }
}

function isMemberName(name: string): boolean {
  return MEMBER_NAME.test(name) && !isPoisonedKey(name);
}

function refuseSharedClaims(service: string, all: readonly Operation[]): void {
  const claims = new Map<string, Operation>();
  for (const one of all) {
    const route = one.http && `${one.http.method} ${one.http.path.replaceAll(/\{[^}]*\}/g, '{}')}`;
    for (const claim of [one.name, route]) {
      if (claim === undefined) continue;
      const other = claims.get(claim);
      if (other) throw invalid(service, `'${claim}' is claimed by ${other.kind} ${other.name} and by ${one.kind} ${one.name}`);
      claims.set(claim, one);
    }
  }
}

function events(service: string, specs: Events = {}): Record<string, EventType> {
  const event = ([name, spec]: [string, EventSpec]): [string, EventType] => {
    const id = `${service}.${name}`;
    if (!isMemberName(name)) throw invalid(id, 'an event name is letters and digits, in the past tense');
    if (!Number.isInteger(spec.version) || spec.version < 1) throw invalid(id, 'an event version is a whole number from 1');
    return [name, { service, name, id, version: spec.version, schema: spec.schema }];
  };
  return Object.fromEntries(Object.entries(specs).map(event));
}

function invalid(where: string, why: string): FlotillaError {
  return new FlotillaError('INVALID_CONTRACT', { kind: 'invalid', message: `Contract ${where}: ${why}.` });
}
