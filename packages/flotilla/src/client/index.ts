export { type Attempt, attempt, isDeclared, markDeclared } from './attempt.ts';
export type { Calling, CallOptions, Client, Clients } from './client.ts';
export type { CallerContext } from './context.ts';
export {
  type ClientFactoryOptions,
  type ClientOptions,
  type ClientsOptions,
  createClient,
  createClientFactory,
  createClients,
} from './create.ts';
export type { ClientPolicy } from './policy.ts';
