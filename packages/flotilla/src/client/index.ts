export { type Attempt, attempt, isDeclared } from './attempt.ts';
export type { Calling, CallOptions, Client, Clients } from './client.ts';
