import type { ConfigPath, ProblemList } from './config-section.ts';
import { OWN_PATHS, isForbidden } from './reserved-paths.ts';
import type { Segment } from './path-pattern.ts';
import type { RouteConfig } from './route-config.ts';

export interface PlacedRoute {
  readonly route: RouteConfig;
  readonly path: ConfigPath;
}

/** Reports routes that no request can ever reach: those of others for the same path and method, and those for reserved paths. */
export function findConflicts(routes: readonly PlacedRoute[], problems: ProblemList): void {
  const taken = new Map<string, ConfigPath>();
  for (const { route, path } of routes) {
    const at = [...path, 'path'];
    const reserved = reservedReason(route);
    if (reserved !== undefined) problems.add(at, `'${route.path}' can never be reached: ${reserved}.`);
    const shape = shapeOf(route.segments);
    const clashing = route.methods.filter((method) => taken.has(`${method} ${shape}`));
    if (clashing.length > 0) {
      const earlier = taken.get(`${clashing[0]} ${shape}`)!;
      const line = problems.lineOf(earlier);
      problems.add(
        at,
        `'${route.path}' can never be reached for ${clashing.join(', ')}: the route on line ${line} takes the same paths.`,
      );
    }
    for (const method of route.methods) if (!clashing.includes(method)) taken.set(`${method} ${shape}`, path);
  }
}

/** Paths that match the same requests have the same shape, whatever their parameters are called. */
function shapeOf(segments: readonly Segment[]): string {
  return segments.map((segment) => (segment.kind === 'static' ? `/${segment.text}` : `/{${segment.kind}}`)).join('');
}

function reservedReason({ path, stripPrefix }: RouteConfig): string | undefined {
  if (OWN_PATHS.has(path)) return 'the gateway answers it itself';
  return isForbidden(path.slice(stripPrefix.length))
    ? "what a service has below '/call' is for other parts of the system"
    : undefined;
}
