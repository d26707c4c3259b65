import { jittered, type Runtime, sleep } from '../../kernel/index.ts';
import type { InstanceStatus } from '../instance.ts';
import type { HealthCheck, HealthTarget } from './check.ts';
import { runCheck } from './run-check.ts';
import { defaultThresholds, judge, notReady, type Thresholds, type Verdict } from './verdict.ts';

export interface HealthMonitorOptions {
  readonly target: HealthTarget;
  readonly check: HealthCheck;
  /** Between checks, give or take a fifth; 10 s unless said. */
  readonly intervalMs?: number | undefined;
  /** 2 s unless said. */
  readonly timeoutMs?: number | undefined;
  readonly thresholds?: Partial<Thresholds> | undefined;
  /** The target begins with this status instead of having to earn it. */
  readonly status?: InstanceStatus | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  /** Hears of every check, with the status that it leads to and since when that status holds, in monotonic time. */
  readonly onChecked: (judgement: Judgement) => void;
}

export interface Judgement {
  readonly status: InstanceStatus;
  readonly since: number;
  readonly output: string;
}

const INTERVAL_MS = 10_000;
const TIMEOUT_MS = 2_000;
/** Whoever just starts is looked at more often, to be called soon. */
const STARTING_INTERVAL_MS = 1_000;

/** Checks one target over and over, one check at a time, until disposed. The first check is made at once. */
export function startHealthMonitor(options: HealthMonitorOptions): Disposable {
  const life = new AbortController();
  void monitor(options, life.signal).catch(() => undefined);
  return { [Symbol.dispose]: () => life.abort() };
}

async function monitor(options: HealthMonitorOptions, signal: AbortSignal): Promise<void> {
  const { target, check, runtime, onChecked, intervalMs = INTERVAL_MS, timeoutMs = TIMEOUT_MS } = options;
  const { clock, random } = runtime;
  const thresholds = { ...defaultThresholds, ...options.thresholds };
  let verdict: Verdict = { ...notReady, status: options.status ?? notReady.status };
  let since = clock.monotonic();
  while (!signal.aborted) {
    const { finding, output } = await runCheck(check, target, { clock, timeoutMs, signal });
    const before = verdict.status;
    verdict = judge(verdict, finding, thresholds);
    if (verdict.status !== before) since = clock.monotonic();
    onChecked({ status: verdict.status, since, output });
    const pauseMs = verdict.status === 'starting' ? Math.min(intervalMs, STARTING_INTERVAL_MS) : intervalMs;
    await sleep(clock, jittered(random, pauseMs), signal);
  }
}
