import type { JWTPayload } from 'jose';
import type { Identity } from './identity.ts';

// Identities travel in headers between services, names separated by commas; what cannot travel so is no name for us.
const SUBJECT = /^[\x21-\x7e]{1,256}$/;
const NAME = /^[\x21-\x2b\x2d-\x7e]{1,256}$/;

/**
 * The identity that verified claims speak of; undefined without a subject that can be carried on. Scopes are read from
 * `scope` and `scopes`, roles from `roles`, as a list or as text with spaces. Names with a comma, a space or anything outside
 * ASCII are left out: the user then has fewer rights, never more.
 */
export function identityOf(claims: JWTPayload): Identity | undefined {
  const { sub, scope, scopes, roles } = claims;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) return undefined;
  const granted = new Set([...names(scope), ...names(scopes)]);
  return Object.freeze({ subject: sub, roles: Object.freeze(names(roles)), scopes: Object.freeze([...granted]) });
}

function names(claim: unknown): string[] {
  const list: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return list.filter((name): name is string => typeof name === 'string' && NAME.test(name));
}
