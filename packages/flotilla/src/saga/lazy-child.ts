import type { Logger } from '../telemetry/index.ts';

/** As `child`, for work that rarely has anything to say: the logger comes to be with its first line. */
export function lazyChild(parent: Logger, fields: object): Logger {
  let made: Logger | undefined;
  const child = (): Logger => (made ??= parent.child(fields));
  return {
    debug: (facts, message) => child().debug(facts, message),
    info: (facts, message) => child().info(facts, message),
    warn: (facts, message) => child().warn(facts, message),
    error: (facts, message) => child().error(facts, message),
    child: (more) => child().child(more),
  };
}
