import { parentPort, workerData } from 'node:worker_threads';
import { type Json, systemRuntime } from '../../kernel/index.ts';
import { Beats, type Renewer } from './beats.ts';
import { feelPulse } from './pulse.ts';
import type { FromThread, ThreadData, ToThread } from './thread.ts';

/** What runs in the heartbeat thread. */
const { module, options, heartbeatMs, pulse } = workerData as ThreadData;
// Whoever starts the thread names a module of this shape.
const { openRenewer } = (await import(module)) as { openRenewer: (options: Json) => Renewer };

const port = parentPort!;
const beats = new Beats({
  renewer: openRenewer(options),
  runtime: systemRuntime,
  heartbeatMs,
  isBlocked: feelPulse(pulse, systemRuntime.clock),
  report: (lease, state) => port.postMessage({ lease, state } satisfies FromThread),
});
port.on('message', ({ act, lease }: ToThread) => beats[act](lease));
