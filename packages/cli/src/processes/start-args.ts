import type { OptionValues } from '../command.ts';
import type { SERVE_OPTIONS } from '../serve.ts';
import { GATEWAY } from './survey.ts';

export interface StartArgsOptions {
  readonly file: string;
  readonly dataFolder: string;
  readonly options: OptionValues<typeof SERVE_OPTIONS>;
  /** Where the gateway listens already, if it was up before: a restart must not move it. */
  readonly gatewayUrl: string | undefined;
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
    ...(part === GATEWAY ? [...option('host', host), ...option('port', port)] : []),
  ];
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}
