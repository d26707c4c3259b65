import type { JWTPayload } from 'jose';
import type { Identity } from './identity.ts';

/** No control characters, and short enough to travel with every call. */
const NAME = /^\P{Cc}{1,256}$/u;

/**
 * The identity that verified claims speak of; undefined without a usable subject. Scopes are read from `scope` and `scopes`,
 * roles from `roles`, as a list or as text with spaces. What is no name is left out: the user then has fewer rights, never more.
 */
export function identityOf(claims: JWTPayload): Identity | undefined {
  const { sub, scope, scopes, roles } = claims;
  if (!isName(sub)) return undefined;
  const granted = new Set([...names(scope), ...names(scopes)]);
  return Object.freeze({ subject: sub, roles: Object.freeze(names(roles)), scopes: Object.freeze([...granted]) });
}

function names(claim: unknown): string[] {
  const list: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return list.filter(isName);
}

/** Half of a surrogate pair would become the same replacement character as any other half: two names, one identity. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value) && value.isWellFormed();
}
