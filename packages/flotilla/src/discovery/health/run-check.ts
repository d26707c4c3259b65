import { type Clock, FlotillaError, withTimeout } from '../../kernel/index.ts';
import type { HealthCheck, HealthTarget, Report } from './check.ts';
import { checkHttp } from './http-check.ts';
import { checkTcp } from './tcp-check.ts';

export interface RunOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs one check. A failure is a finding; it rejects only when its signal aborts. */
export async function runCheck(check: HealthCheck, target: HealthTarget, options: RunOptions): Promise<Report> {
  const { clock, timeoutMs, signal } = options;
  try {
    return await withTimeout({ clock, timeoutMs, signal, onTimeout: () => tooSlow(timeoutMs) }, (inTime) =>
      ask(check, target, inTime),
    );
  } catch (error) {
    signal.throwIfAborted();
    return { finding: 'fail', output: error instanceof Error ? error.message : String(error) };
  }
}

async function ask(check: HealthCheck, target: HealthTarget, signal: AbortSignal): Promise<Report> {
  if (check.kind === 'http') return await checkHttp(check.url ?? `${target.url}${check.path ?? '/health'}`, signal);
  if (check.kind === 'custom') {
    const finding = await check.run(target, signal);
    return { finding, output: `the check says ${finding}` };
  }
  const { hostname, port, protocol } = new URL(target.url);
  const usual = protocol === 'https:' ? 443 : 80;
  return await checkTcp(check.host ?? hostname, check.port ?? (Number(port) || usual), signal);
}

function tooSlow(timeoutMs: number): FlotillaError {
  return new FlotillaError('HEALTH_CHECK_TIMEOUT', { kind: 'timeout', message: `No answer within ${timeoutMs} ms.` });
}
