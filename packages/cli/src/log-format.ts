import type { LogLevel, LogLine } from 'flotilla/telemetry';
import { timeOfDay } from './time-text.ts';

type Style = (style: 'dim' | 'red' | 'yellow' | 'cyan', text: string) => string;

const COLOURS: Record<LogLevel, 'dim' | 'cyan' | 'yellow' | 'red'> = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' };

/** One line for people: time, level, service, what happened, the facts, and enough of the trace to follow it. */
export function formatLog({ time, level, msg, service, traceId, err, ...fields }: LogLine, style: Style): string {
  const { correlationId: _repeatsTheTrace, ...facts } = fields;
  const parts = [
    style('dim', timeOfDay(time)),
    style(COLOURS[level], level.toUpperCase().padEnd(5)),
    ...(typeof service === 'string' ? [service.padEnd(13)] : []),
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
