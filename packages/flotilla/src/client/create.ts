import { type Contract, operationsOf } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { createRetry, createRetryBudget } from '../resilience/index.ts';
import type { CallHandler } from '../transport/index.ts';
import { type Bind, bindMembers } from './bind.ts';
import type { CallOptions, Client, Clients } from './client.ts';
import type { CallerContext } from './context.ts';
import { createInvoke } from './invoke.ts';
import { type ClientPolicy, resolvePolicy } from './policy.ts';

interface CallingOptions {
  /** Reaches the services. */
  call: CallHandler;
  policy?: ClientPolicy;
  runtime: Runtime;
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
 * Prepares clients for a caller who works on behalf of many: pipelines are composed and retry budgets live here, once. What
 * is returned binds them to one piece of work for next to nothing.
 */
export function createClientFactory<TContracts extends Record<string, Contract>>(
  options: ClientFactoryOptions<TContracts>,
): (context: CallerContext) => Clients<TContracts> {
  const services = Object.entries(options.contracts).map(([name, contract]) => [name, bindClient(contract, options)] as const);
  // Each member is the client of the contract of that name; the compiler can't follow the loop.
  return bindMembers(services) as Bind<Clients<TContracts>>;
}

/** Clients for one piece of work. Where there are many, `createClientFactory` shares the preparation and the retry budgets. */
export function createClients<TContracts extends Record<string, Contract>>(
  options: ClientsOptions<TContracts>,
): Clients<TContracts> {
  return createClientFactory(options)(options.context);
}

/** A client of one service for one piece of work. */
export function createClient<TContract extends Contract>(options: ClientOptions<TContract>): Client<TContract> {
  return bindClient(options.contract, options)(options.context);
}

function bindClient<TContract extends Contract>(contract: TContract, options: CallingOptions): Bind<Client<TContract>> {
  const { call, runtime } = options;
  const policy = resolvePolicy(options.policy);
  const { attempts, baseDelayMs: delay, maxDelayMs: maxDelay } = policy;
  const retry = createRetry({ attempts, delay, maxDelay, runtime, budget: createRetryBudget({ clock: runtime.clock }) });
  const methods = operationsOf(contract).map((operation): [string, Bind<unknown>] => {
    const invoke = createInvoke(operation, { call, runtime, policy, retry });
    return [operation.name, (context) => (input: unknown, callOptions?: CallOptions) => invoke(context, input, callOptions)];
  });
  // The methods are made from the very operations that the type is made of.
  return bindMembers(methods) as Bind<Client<TContract>>;
}
