import { createHash } from 'node:crypto';
import { type Logger, silentLogger } from '../../telemetry/index.ts';
import type { Agenda } from './agenda.ts';

/** Everything that happened in a run, in order. */
export interface Trace {
  readonly lines: readonly string[];
  add(text: string): void;
  /** Takes in what a process warns of. */
  logger(process: string): Logger;
}

export function createTrace(agenda: Agenda): Trace {
  const lines: string[] = [];
  const add = (text: string): void => void lines.push(`${(agenda.now / 1_000).toFixed(4)} ${text}`);
  return { lines, add, logger: (process) => traceLogger((text) => add(`${process} ${text}`)) };
}

/** For the many runs nobody looks at. */
export const noTrace: Trace = { lines: [], add: () => undefined, logger: () => silentLogger };

function traceLogger(add: (text: string) => void): Logger {
  const write = (fields: object, message: string): void => {
    const { err } = fields as { err?: unknown };
    add(err === undefined ? message : `${message} (${err instanceof Error ? err.message : 'no error'})`);
  };
  const logger: Logger = { ...silentLogger, warn: write, error: write, child: () => logger };
  return logger;
}

/** Two runs with one fingerprint went the same way. */
export function fingerprint(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('base64url');
}
