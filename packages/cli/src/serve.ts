import { flushCompileCache } from 'node:module';
import { FlotillaError } from 'flotilla/kernel';
import type { LaunchOptions, RunningSystem } from 'flotilla/system';
import { createLogger, type Logger, type LogLevel } from 'flotilla/telemetry';
import { type Invocation, type OptionSpecs, wrongUsage } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { chooseInfrastructure } from './infrastructure.ts';
import { formatLog } from './log-format.ts';
import { portNumber } from './option-values.ts';
import { reportToParent } from './processes/parent.ts';
import { shortPath } from './short-path.ts';
import { placesOf, SETTINGS_OPTIONS } from './settings.ts';
import { type StopSignals, watchStopSignals } from './stop-signals.ts';
import type { SystemFile } from './system-file.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { lengthOfTime } from './time-text.ts';

/** Options of everything that runs services. */
export const SERVE_OPTIONS = {
  port: { type: 'string', value: 'N', description: "The gateway's port; 8080 unless said, 0 takes any free one" },
  host: { type: 'string', value: 'HOST', description: 'The address it listens on; 127.0.0.1 unless said' },
  ...SETTINGS_OPTIONS,
  'sagas-paused': { type: 'boolean', description: 'Hold all sagas back until they are resumed, as after an incident' },
  'log-level': { type: 'string', value: 'LEVEL', description: 'debug, info (the default), warn or error' },
} as const satisfies OptionSpecs;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface Serving extends Omit<Invocation<typeof SERVE_OPTIONS>, 'args'> {
  readonly file: SystemFile;
  /** What this command adds to the options of every launch. */
  readonly part: Partial<Pick<LaunchOptions, 'only' | 'single' | 'peers'>>;
}

/** Runs a system, or a part of it, until somebody wants it to stop. */
export async function serve({ file, part, options, terminal, runtime, startedAt }: Serving): Promise<number> {
  using signals = watchStopSignals();
  const { definition, hint } = file;
  const { port, host } = options;
  const places = placesOf(file, options);
  const log = await createLog(terminal, options['log-level']);
  // Only now, so that help and mistakes are answered without loading the whole library.
  const { launch } = await import('flotilla/system');
  const infrastructure = chooseInfrastructure;
  const signal = signalOf(signals);
  const launching = launch(definition, {
    ...part,
    ...places,
    infrastructure,
    sagasPaused: options['sagas-paused'],
    port: portNumber(port),
    host,
    signal,
    runtime,
    log,
  });
  const running = await launching.catch((error: unknown) => {
    // Whoever stopped waiting for a database that is away has had what he wanted.
    if (error !== signal.reason) throw error;
  });
  if (!running) return EXIT.good;
  announce(running, { terminal, tookMs: runtime.clock.monotonic() - startedAt });
  if (hint && running.gatewayUrl !== undefined && !terminal.json) terminal.print(`\n${hint({ gateway: running.gatewayUrl })}`);

  // What was compiled helps the next start even if this process is killed.
  flushCompileCache();
  using _beat = reportToParent(runtime.clock, running.waitsFor);
  const reason = await signals.stopped;
  // An orphan has nobody to tell, and writing to nobody would end it before its work is done.
  const isHeard = reason !== 'orphaned';
  if (isHeard && terminal.json) terminal.printJson({ event: 'stopping', signal: reason });
  else if (isHeard) terminal.note('\nStopping: what runs is finished first. Once more stops at once.');
  await running.stop();
  if (isHeard && terminal.json) terminal.printJson({ event: 'stopped' });
  // Whatever user code left open must not hold up the end; the timer itself doesn't either.
  runtime.clock.timer(1_000, () => process.exit(EXIT.good));
  return EXIT.good;
}

/** Aborts when somebody wants to stop. */
function signalOf({ stopped }: StopSignals): AbortSignal {
  const controller = new AbortController();
  const message = 'Stopped before it was up.';
  void stopped.then(() => controller.abort(new FlotillaError('CANCELLED', { kind: 'cancelled', message })));
  return controller.signal;
}

/** Readable lines on a terminal, JSON lines everywhere else. */
async function createLog(terminal: Terminal, level = 'info'): Promise<Logger> {
  const known = LEVELS.find((one) => one === level);
  if (!known) throw wrongUsage(`--log-level wants one of ${LEVELS.join(', ')}, not '${level}'`);
  const isForPeople = process.stderr.isTTY && !terminal.json;
  return await createLogger({
    level: known,
    ...(isForPeople && { pretty: (line) => formatLog(line, terminal), destination: process.stderr }),
  });
}

function announce(running: RunningSystem, { terminal, tookMs }: { terminal: Terminal; tookMs: number }): void {
  const { name, services, gatewayUrl, internalUrl, dataFolder, store, bus } = running;
  if (terminal.json) {
    const ready = { event: 'ready', system: name, services, gatewayUrl, internalUrl, dataFolder, store, bus };
    terminal.printJson({ ...ready, pid: process.pid, tookMs: Math.round(tookMs) });
    return;
  }
  const { style } = terminal;
  const facts = [
    ...(gatewayUrl === undefined ? [] : [['Gateway', style('cyan', gatewayUrl)]]),
    ['Data', shortPath(dataFolder)],
    ['Store', store],
    ['Events', bus],
  ];
  const heading = ['SERVICE', 'VERSION', 'TEAM', 'URL'].map((title) => style('dim', title));
  const rows = services.map((service) => [service.name, service.version, service.team, style('cyan', service.url)]);
  const count = services.length === 1 ? '1 service' : `${services.length} services`;
  terminal.print(
    [
      `${style('bold', name)} is up: ${count} in ${lengthOfTime(tookMs)}`,
      ...['', ...table(facts)].map((line) => `  ${line}`.trimEnd()),
      ...(rows.length > 0 ? ['', ...table([heading, ...rows])].map((line) => `  ${line}`.trimEnd()) : []),
    ].join('\n'),
  );
}
