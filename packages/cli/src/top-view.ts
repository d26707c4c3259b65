import type { ServiceVitals, UpstreamVitals } from 'flotilla/service';
import type { OperationMetrics } from 'flotilla/telemetry';
import { table } from './table.ts';
import type { Style, Terminal } from './terminal.ts';
import { lengthOfTime } from './time-text.ts';
import type { Seen } from './vitals.ts';

type OperationVitals = Omit<OperationMetrics, 'outcomes' | 'lengths' | 'totalMs'>;

/** An operation over all instances of its service. Quantiles are those of the slowest instance: they can't be added. */
export interface OperationRow extends OperationVitals {
  readonly service: string;
}

/** A running service of one process; nothing more of one that does not answer. */
export interface InstanceRow extends Omit<Seen, 'vitals'>, Partial<Omit<ServiceVitals, 'operations' | 'upstreams'>> {
  readonly service: string;
  readonly callsPerSecond?: number;
}

/** A service as one of its callers sees it. */
export interface UpstreamRow extends UpstreamVitals {
  readonly caller: string;
  readonly pid: number;
}

/** All operations that were called since the start, those of one service together. */
export function operationRows(seen: readonly Seen[]): OperationRow[] {
  const rows = new Map<string, OperationRow>();
  for (const { service, vitals } of seen) {
    for (const one of vitals?.operations ?? []) {
      const id = `${service}.${one.operation}`;
      const before = rows.get(id);
      const row = rowOf(service, one);
      rows.set(id, before ? together(before, row) : row);
    }
  }
  return [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}

function rowOf(
  service: string,
  { outcomes: _outcomes, lengths: _lengths, totalMs: _total, ...rest }: OperationMetrics,
): OperationRow {
  return { service, ...rest };
}

function together(row: OperationRow, other: OperationRow): OperationRow {
  return {
    ...row,
    calls: row.calls + other.calls,
    errors: row.errors + other.errors,
    callsPerSecond: row.callsPerSecond + other.callsPerSecond,
    errorsPerSecond: row.errorsPerSecond + other.errorsPerSecond,
    p50Ms: Math.max(row.p50Ms, other.p50Ms),
    p99Ms: Math.max(row.p99Ms, other.p99Ms),
  };
}

export function instanceRows(seen: readonly Seen[]): InstanceRow[] {
  return seen.map(({ vitals, ...where }) => {
    if (!vitals) return where;
    const { operations: _operations, upstreams: _upstreams, ...rest } = vitals;
    return { ...where, ...rest, callsPerSecond: callsPerSecondOf(vitals) };
  });
}

/** Of all its operations. */
export function callsPerSecondOf({ operations }: ServiceVitals): number {
  return operations.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0);
}

export function upstreamRows(seen: readonly Seen[]): UpstreamRow[] {
  return seen.flatMap(({ service, pid, vitals }) =>
    (vitals?.upstreams ?? []).map((upstream) => ({ caller: service, pid, ...upstream })),
  );
}

interface ViewOptions {
  readonly style: Terminal['style'];
  /** Wall-clock milliseconds. */
  readonly now: number;
}

/** Everything on one page: operations, then instances, then who calls whom. */
export function topView(seen: readonly Seen[], { style, now }: ViewOptions): string[] {
  const title = (...titles: string[]): string[] => titles.map((text) => style('dim', text));
  const operations = operationRows(seen).map((row) => operationLine(row, style));
  const instances = seen.map((one) => instanceLine(one, { style, now }));
  const upstreams = upstreamRows(seen).map((row) => upstreamLine(row, style));
  const calls = title('OPERATION', 'CALLS/S', 'ERRORS/S', 'P50', 'P99', 'CALLS', 'ERRORS');
  const runs = title('INSTANCE', 'VERSION', 'UP FOR', 'CALLS/S', 'IN FLIGHT', 'LOOP DELAY', 'MEMORY');
  const calling = title('CALLER', 'SERVICE', 'BREAKER', 'INSTANCES', 'IN FLIGHT', 'WAITING', 'TRIES', 'FAILED', 'NOT RETRIED');
  return [
    ...(operations.length > 0 ? table([calls, ...operations]) : [style('dim', 'Nothing was called yet.')]),
    '',
    ...table([runs, ...instances]),
    ...(upstreams.length > 0 ? ['', ...table([calling, ...upstreams])] : []),
  ];
}

function operationLine(row: OperationRow, style: ViewOptions['style']): string[] {
  const { service, operation, callsPerSecond, errorsPerSecond, p50Ms, p99Ms, calls, errors } = row;
  const isQuiet = callsPerSecond === 0;
  const fault = (text: string, isThere: boolean): string => (isThere ? style('red', text) : text);
  return [
    `${service}.${operation}`,
    style(isQuiet ? 'dim' : 'bold', perSecond(callsPerSecond)),
    fault(perSecond(errorsPerSecond), errorsPerSecond > 0),
    isQuiet ? '' : shortTime(p50Ms),
    isQuiet ? '' : shortTime(p99Ms),
    String(calls),
    fault(String(errors), errors > 0),
  ];
}

function instanceLine({ service, pid, vitals }: Seen, { style, now }: ViewOptions): string[] {
  const name = `${service} ${style('dim', String(pid))}`;
  if (!vitals) return [name, style('red', 'does not answer')];
  const { version, startedAt, inFlight, eventLoopDelayMs, rssBytes } = vitals;
  const delay = shortTime(eventLoopDelayMs);
  return [
    name,
    version,
    lengthOfTime(now - startedAt),
    perSecond(callsPerSecondOf(vitals)),
    String(inFlight),
    eventLoopDelayMs > LATE_MS ? style('yellow', delay) : delay,
    `${Math.round(rssBytes / 2 ** 20)} MB`,
  ];
}

/** An event loop that is so late is what people notice. */
const LATE_MS = 100;
const BREAKER_STYLES: Readonly<Record<string, Style>> = { closed: 'green', 'half-open': 'yellow', open: 'red', isolated: 'red' };

function upstreamLine(
  { caller, pid, name, breaker, limit, counts, instances, ejected = 0, budgetRefusals }: UpstreamRow,
  style: ViewOptions['style'],
): string[] {
  const kind = breaker?.kind ?? 'none';
  return [
    `${caller} ${style('dim', String(pid))}`,
    name,
    style(BREAKER_STYLES[kind] ?? 'dim', kind),
    ejected > 0 ? `${instances}, ${style('yellow', `${ejected} left alone`)}` : String(instances ?? ''),
    String(limit?.running ?? ''),
    String(limit?.queued ?? ''),
    String(counts.attempts),
    counts.failures > 0 ? style('red', String(counts.failures)) : '0',
    budgetRefusals > 0 ? style('yellow', String(budgetRefusals)) : '0',
  ];
}

/** `0`, `0.4`, `12`. */
export function perSecond(rate: number): string {
  return rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}

/** Calls are often shorter than a millisecond. */
function shortTime(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : lengthOfTime(ms);
}
