import type { Logger } from './log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A log line as data: the fields that were logged and those of every parent logger. */
export interface LogLine {
  readonly level: LogLevel;
  /** Wall-clock milliseconds. */
  readonly time: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface LoggerOptions {
  /** The least important level that is written; `info` unless said. */
  level?: LogLevel;
  /** Makes a line for people of each log line; JSON unless said. */
  pretty?: (line: LogLine) => string;
  /** Where lines go, each with its line end; standard error unless said. */
  destination?: { write(line: string): void };
}

const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'secret', 'token'];

/** A logger that writes JSON lines with pino, which is loaded only now: what logs through the port alone does not pay for it. */
export async function createLogger(options: LoggerOptions = {}): Promise<Logger> {
  const { pino } = await import('pino');
  const { level = 'info', pretty, destination = pino.destination(2) } = options;
  const write = (line: string): void => destination.write(`${pretty!(JSON.parse(line) as LogLine)}\n`);
  const logger: Logger = pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
    },
    pretty ? { write } : destination,
  );
  return logger;
}
