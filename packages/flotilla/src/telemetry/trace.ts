import type { Random } from '../kernel/index.ts';

/** Where a piece of work stands in a distributed trace (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 lower-case hex digits, never all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span that does the present work. */
  readonly spanId: string;
  /** Trace flags byte; bit 0 says sampled. */
  readonly flags: number;
  readonly tracestate?: string | undefined;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const TRACESTATE_MAX_LENGTH = 512;

/** A new trace, sampled. */
export function startTrace(random: Random): TraceContext {
  return { traceId: hex(random, 16), spanId: hex(random, 8), flags: 1 };
}

/** The same trace, one span further down. */
export function childSpan(parent: TraceContext, random: Random): TraceContext {
  return { ...parent, spanId: hex(random, 8) };
}

/** Reads the W3C headers. Anything malformed, and all-zero ids, give undefined: the receiver then starts a new trace. */
export function parseTrace(traceparent: string | undefined, tracestate?: string): TraceContext | undefined {
  const match = TRACEPARENT.exec(traceparent ?? '');
  if (!match || /^0+$/.test(match[1]!) || /^0+$/.test(match[2]!)) return undefined;
  const state = tracestate !== undefined && tracestate.length <= TRACESTATE_MAX_LENGTH ? tracestate : undefined;
  return { traceId: match[1]!, spanId: match[2]!, flags: Number.parseInt(match[3]!, 16), tracestate: state };
}

/** The `traceparent` header. */
export function traceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${HEX[trace.flags & 0xff]}`;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(random: Random, length: number): string {
  let text = '';
  for (const byte of random.bytes(length)) text += HEX[byte];
  return text;
}
