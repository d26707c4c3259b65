import { isDeepStrictEqual } from 'node:util';
import type { Policies } from '../client/index.ts';
import { type Config, configFiles } from '../config/index.ts';
import type { GatewayConfig } from '../gateway/index.ts';
import { watchFiles } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { configFolder, policiesOf, profilesOf, readRoutes, readSettings, routesFile, type SettingsOptions } from './settings.ts';
import type { SystemDefinition } from './system.ts';

export interface LiveSettingsOptions extends SettingsOptions {
  readonly system: SystemDefinition;
  /** As they were read at the start. */
  readonly settings: Config;
  /** Take what changed; both keep what they had when the files say nothing that can work. */
  readonly onPolicies: (policies: Policies) => void;
  /** Undefined in a process without a gateway. */
  readonly onRoutes: ((routes: GatewayConfig) => void) | undefined;
  readonly log: Logger;
}

/**
 * Follows the files that a running system was configured from. Policies and routes change while it runs; settings of a service
 * are its own from start to end, so a change of those is only pointed out.
 */
export function followSettings(options: LiveSettingsOptions): Disposable {
  const stack = new DisposableStack();
  const folder = configFolder(options.system, options);
  if (folder !== undefined) {
    const files = configFiles({ folder, profiles: profilesOf(options) });
    stack.use(watchFiles({ files, clock: options.runtime.clock, changed: inOrder(policiesReader(options), options.log) }));
  }
  const { onRoutes } = options;
  if (onRoutes) {
    const read = async (): Promise<void> => {
      onRoutes(await readRoutes(options.system, options.baseFolder));
      options.log.info({}, 'the routes of the gateway changed; they apply from the next request on');
    };
    const files = [routesFile(options.system, options.baseFolder)];
    stack.use(watchFiles({ files, clock: options.runtime.clock, changed: inOrder(read, options.log) }));
  }
  return stack;
}

function policiesReader({ system, settings, onPolicies, log, ...options }: LiveSettingsOptions): () => Promise<void> {
  const schema = policiesOf(system);
  let policies = settings.section('policies', schema);
  return async () => {
    const now = await readSettings(system, options);
    const stale = system.services.flatMap(({ contract: { name }, config }) => {
      const key = `services.${name}`;
      return config && !isDeepStrictEqual(settings.section(key, config), now.section(key, config)) ? [name] : [];
    });
    if (stale.length > 0) log.warn({ services: stale }, 'settings of services changed; they take them when they start again');
    const next = now.section('policies', schema);
    if (isDeepStrictEqual(policies, next)) return;
    policies = next;
    onPolicies(next);
    log.info({}, 'the policies changed; they apply from the next call on');
  };
}

/** One reading after the other, so that the last one wins. What is wrong changes nothing and is said once. */
function inOrder(read: () => Promise<void>, log: Logger): () => void {
  let last = Promise.resolve();
  const complain = (err: unknown): void =>
    log.error({ err }, 'the configuration that was changed is wrong; the last good one stays');
  return () => void (last = last.then(read).catch(complain));
}
