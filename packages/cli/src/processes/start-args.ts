import type { OptionValues } from '../command.ts';
import type { SERVE_OPTIONS } from '../serve.ts';
import { GATEWAY } from '../gateway-name.ts';

export interface StartArgsOptions {
  readonly file: string;
  readonly dataFolder: string;
  readonly options: OptionValues<typeof SERVE_OPTIONS>;
  /** Where the gateway listens already, if it was up before: a restart must not move it. */
  readonly gatewayUrl: string | undefined;
}

/** Beside the arguments, and not among them: addresses may carry passwords, and every user of a machine can list arguments. */
export function startEnvironment({ store, bus }: Pick<StartArgsOptions['options'], 'store' | 'bus'>): Record<string, string> {
  return {
    ...(store !== undefined && { FLOTILLA_STORE: store }),
    ...(bus !== undefined && { FLOTILLA_BUS: bus }),
  };
}

/** The command line after `flotilla` that runs one part in a process of its own. */
export function startArgs(part: string, { file, dataFolder, options, gatewayUrl }: StartArgsOptions): string[] {
  const { host, profile, set, 'log-level': level } = options;
  const port = gatewayUrl === undefined ? options.port : URL.parse(gatewayUrl)!.port;
  return [
    'start',
    part,
    '--json',
    ...option('system', file),
    ...option('data', dataFolder),
    ...option('profile', profile),
    ...option('log-level', level),
    ...set.flatMap((pair) => option('set', pair)),
    // The first start only: what an operator resumed stays so when a process dies.
    ...(options['sagas-paused'] && gatewayUrl === undefined ? ['--sagas-paused'] : []),
    ...(part === GATEWAY ? [...option('host', host), ...option('port', port)] : []),
  ];
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}
