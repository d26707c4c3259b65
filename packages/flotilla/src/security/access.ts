import type { Operation } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { Identity } from './identity.ts';

/** Who makes a call: another part of this system that proved it with the system key, or anything else. */
export interface Caller {
  readonly internal: boolean;
  /** For logs and audit: `service:orders`, `gateway`, `operator`, `outside`. */
  readonly name: string;
}

/**
 * Lets a call pass or throws: `UNAUTHENTICATED` when signing in could help, `FORBIDDEN` when it could not. A gateway calls
 * for outside users, so it is bound by the users' rights even though it holds the system key: its caller is not internal.
 */
export function authorise(operation: Operation, identity: Identity, caller: Caller): void {
  if (caller.internal || operation.access === 'public') return;
  if (operation.access === 'internal') throw forbidden(operation.id, 'is for services of this system only');
  if (identity.subject === undefined) {
    throw new FlotillaError('UNAUTHENTICATED', { kind: 'unauthenticated', message: `Sign in to call ${operation.id}.` });
  }
  if (operation.access === 'signed-in' || identity.scopes.includes(operation.access)) return;
  throw forbidden(operation.id, `needs the scope '${operation.access}'`);
}

function forbidden(operation: string, why: string): FlotillaError {
  return new FlotillaError('FORBIDDEN', { kind: 'forbidden', message: `${operation} ${why}.` });
}
