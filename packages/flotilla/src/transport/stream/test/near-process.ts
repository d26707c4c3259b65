import { systemRuntime } from '../../../kernel/index.ts';
import { silentLogger } from '../../../telemetry/index.ts';
import { createStreamTransport } from '../client-transport.ts';
import { SYSTEM_KEY } from './open-server.ts';
import { farCall } from './raw-stream.ts';

// A process that waits for a hundred answers that never come.

const transport = createStreamTransport({
  address: () => process.argv[2],
  systemKey: SYSTEM_KEY,
  runtime: systemRuntime,
  log: silentLogger,
});
const call = { ...farCall(undefined, { remainingMs: 100_000 }), operation: 'wait' };
process.once('disconnect', () => process.exit());
await Promise.all(Array.from({ length: 100 }, () => transport.call(call, new AbortController().signal)));
