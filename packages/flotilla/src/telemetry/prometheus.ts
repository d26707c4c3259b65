import type { OperationMetrics } from './metrics.ts';

export type Labels = Readonly<Record<string, string>>;

const CALLS = 'flotilla_calls_total';
const DURATION = 'flotilla_call_duration_seconds';

/** The metrics in the text format that Prometheus scrapes (version 0.0.4), with labels such as `service` on each line. */
export function toPrometheus(snapshot: readonly OperationMetrics[], labels: Labels = {}): string {
  const lines = [
    `# HELP ${CALLS} Calls that ended, by operation and outcome.`,
    `# TYPE ${CALLS} counter`,
    ...snapshot.flatMap(({ operation, outcomes }) =>
      Object.entries(outcomes).map(([outcome, calls]) => line(CALLS, { ...labels, operation, outcome }, calls)),
    ),
    `# HELP ${DURATION} How long calls took, in seconds.`,
    `# TYPE ${DURATION} histogram`,
    ...snapshot.flatMap((metrics) => histogram(metrics, { ...labels, operation: metrics.operation })),
  ];
  return `${lines.join('\n')}\n`;
}

function histogram({ lengths, calls, totalMs }: OperationMetrics, labels: Labels): string[] {
  const steps = [...lengths.map(({ leMs, count }) => [String(leMs / 1_000), count] as const), ['+Inf', calls] as const];
  return [
    ...steps.map(([le, count]) => line(`${DURATION}_bucket`, { ...labels, le }, count)),
    line(`${DURATION}_sum`, labels, totalMs / 1_000),
    line(`${DURATION}_count`, labels, calls),
  ];
}

function line(name: string, labels: Labels, value: number): string {
  const texts = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return `${name}{${texts.join()}} ${value}`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
