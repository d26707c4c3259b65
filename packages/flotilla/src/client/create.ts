import { type Contract, operationsOf } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { type CallHandler, type ItemsHandler, noStream } from '../transport/index.ts';
import { type Bind, bindMembers } from './bind.ts';
import type { CallOptions, Client, Clients, StreamOptions } from './client.ts';
import type { CallerContext } from './context.ts';
import { createInvoke } from './invoke.ts';
import type { Policies } from './policies.ts';
import type { Route } from './route.ts';
import { createTell } from './tell.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';

interface CallingOptions {
  /** Reaches the services. */
  call: CallHandler;
  /** Reaches their streams; where it is absent there are none. */
  subscribe?: ItemsHandler | undefined;
  runtime: Runtime;
  /** What applies to these calls where nothing is shared with others. */
  policies?: Policies;
  /** Where services with instances elsewhere are; the transport finds those it has no answer for. */
  routes?: ((service: string) => Route | undefined) | undefined;
  /** Shares what is learnt about the services with whoever else uses them. */
  upstreams?: Upstreams;
}

export interface ClientFactoryOptions<TContracts extends Record<string, Contract>> extends CallingOptions {
  /** The services one may call, by the names the caller gives them. */
  contracts: TContracts;
}

export interface ClientsOptions<TContracts extends Record<string, Contract>> extends ClientFactoryOptions<TContracts> {
  context: CallerContext;
}

export interface ClientOptions<TContract extends Contract> extends CallingOptions {
  contract: TContract;
  context: CallerContext;
}

/**
 * Prepares clients for a caller who works on behalf of many: pipelines are composed, and what they learn is kept, once. What is
 * returned binds them to one piece of work for next to nothing.
 */
export function createClientFactory<TContracts extends Record<string, Contract>>(
  options: ClientFactoryOptions<TContracts>,
): (context: CallerContext) => Clients<TContracts> {
  const upstreams = options.upstreams ?? createUpstreams(options);
  const services = Object.entries(options.contracts).map(
    ([name, contract]) => [name, bindClient(contract, options, upstreams)] as const,
  );
  // Each member is the client of the contract of that name; the compiler can't follow the loop.
  return bindMembers(services) as Bind<Clients<TContracts>>;
}

/** Clients for one piece of work. Where there are many, `createClientFactory` shares the preparation and what was learnt. */
export function createClients<TContracts extends Record<string, Contract>>(
  options: ClientsOptions<TContracts>,
): Clients<TContracts> {
  return createClientFactory(options)(options.context);
}

/** A client of one service for one piece of work. */
export function createClient<TContract extends Contract>(options: ClientOptions<TContract>): Client<TContract> {
  return bindClient(options.contract, options, options.upstreams ?? createUpstreams(options))(options.context);
}

function bindClient<TContract extends Contract>(
  contract: TContract,
  { call, subscribe = noStream, routes, runtime }: CallingOptions,
  upstreams: Upstreams,
): Bind<Client<TContract>> {
  const route = routes?.(contract.name);
  const methods = operationsOf(contract).map((operation): [string, Bind<unknown>] => {
    const execute = upstreams.execute(operation);
    if (operation.kind === 'stream') {
      const tell = createTell(operation, { subscribe, runtime, execute, route });
      return [operation.name, (context) => (input: unknown, options?: StreamOptions) => tell(context, input, options)];
    }
    const invoke = createInvoke(operation, { call, runtime, execute, route });
    return [operation.name, (context) => (input: unknown, callOptions?: CallOptions) => invoke(context, input, callOptions)];
  });
  // The methods are made from the very operations that the type is made of.
  return bindMembers(methods) as Bind<Client<TContract>>;
}
