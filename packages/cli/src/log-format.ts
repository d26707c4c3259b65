import type { LogLevel, LogLine } from 'flotilla/telemetry';
import { timeOfDay } from './time-text.ts';

export interface LogFormatOptions {
  readonly style: (style: 'dim' | 'red' | 'yellow' | 'cyan', text: string) => string;
  /** Who says it, where several processes speak: takes the place of the service. */
  readonly speaker?: string;
}

const COLOURS: Record<LogLevel, 'dim' | 'cyan' | 'yellow' | 'red'> = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' };

/** One line for people: time, level, service, what happened, the facts, and enough of the trace to follow it. */
export function formatLog(line: LogLine, { style, speaker }: LogFormatOptions): string {
  const { time, level, msg, service, traceId, err, correlationId: _repeatsTheTrace, ...facts } = line;
  const who = speaker ?? (typeof service === 'string' ? service.padEnd(13) : undefined);
  const parts = [
    style('dim', timeOfDay(time)),
    style(COLOURS[level], level.toUpperCase().padEnd(5)),
    ...(who === undefined ? [] : [who]),
    msg,
    ...Object.entries(facts).map(([key, value]) => style('dim', `${key}=${textOf(value)}`)),
    ...(typeof traceId === 'string' ? [style('dim', `trace=${traceId.slice(0, 8)}`)] : []),
  ];
  return parts.join(' ') + stackOf(err);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Errors are the one thing worth more than a line. */
function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  return `\n${String(stack ?? message).replaceAll(/^/gm, '    ')}`;
}
