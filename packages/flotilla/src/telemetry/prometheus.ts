import type { OperationMetrics } from './metrics.ts';

export type Labels = Readonly<Record<string, string>>;

const CALLS = 'flotilla_calls_total';
const DURATION = 'flotilla_call_duration_seconds';

/** The metrics of something that has labels of its own, such as a service. */
export interface LabelledMetrics {
  readonly labels: Labels;
  readonly operations: readonly OperationMetrics[];
}

/** Metrics in the text format that Prometheus scrapes (version 0.0.4). */
export function toPrometheus(all: readonly LabelledMetrics[]): string {
  const each = all.flatMap(({ labels, operations }) =>
    operations.map((metrics) => ({ metrics, labels: { ...labels, operation: metrics.operation } })),
  );
  const lines = [
    `# HELP ${CALLS} Calls that ended, by operation and outcome.`,
    `# TYPE ${CALLS} counter`,
    ...each.flatMap(({ metrics, labels }) =>
      Object.entries(metrics.outcomes).map(([outcome, calls]) => line(CALLS, { ...labels, outcome }, calls)),
    ),
    `# HELP ${DURATION} How long calls took, in seconds.`,
    `# TYPE ${DURATION} histogram`,
    ...each.flatMap(({ metrics, labels }) => histogram(metrics, labels)),
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
