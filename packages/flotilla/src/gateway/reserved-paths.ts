/** Paths that the gateway answers itself, whatever the routes say. */
export const OWN_PATHS: ReadonlySet<string> = new Set(['/health', '/livez', '/readyz']);

/**
 * True for paths of a service that nobody outside may reach, whatever the routes say: below `/call` every operation of the
 * service answers, those for other parts of the system too.
 */
export function isForbidden(servicePath: string): boolean {
  return /^\/call(?:\/|$)/i.test(servicePath);
}
