import type { CallerContext } from 'flotilla/client';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { anonymous } from 'flotilla/security';
import { startTrace } from 'flotilla/telemetry';

/** Who calls in a benchmark: another service of the same system. */
export function benchCaller(): CallerContext {
  return {
    identity: anonymous,
    caller: { internal: true, name: 'service:bench' },
    trace: startTrace(runtime.random),
    correlationId: runtime.ids(),
    signal: new AbortController().signal,
  };
}
