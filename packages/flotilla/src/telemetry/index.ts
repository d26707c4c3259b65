export { type Health, type HealthStatus, overall } from './health.ts';
export { type Logger, silentLogger } from './log.ts';
export { childSpan, parseTrace, startTrace, type TraceContext, traceparent } from './trace.ts';
