export { type Health, type HealthStatus, overall, worst } from './health.ts';
export { type Logger, silentLogger } from './log.ts';
export { createMetrics, type Metrics, type OperationMetrics, type CallOutcome } from './metrics.ts';
export { createLogger, type LoggerOptions, type LogLevel, type LogLine } from './pino.ts';
export { type LabelledMetrics, type Labels, toPrometheus } from './prometheus.ts';
export { childSpan, parseTrace, startTrace, type TraceContext, traceparent } from './trace.ts';
