import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { createHttpTransport } from 'flotilla/transport';
import { defineCase } from '../case.ts';
import { startFlotilla } from '../flotilla-process.ts';
import { temporaryFolder } from '../folder.ts';
import { drive } from '../load.ts';
import { cpuMsOf, ownCpuMs } from '../process-usage.ts';
import { lookUp, productClient } from '../product/client.ts';

const SYSTEM = join(import.meta.dirname, '../product/system.ts');

/** The same call to a service that `flotilla start` runs in a process of its own. */
export const callHttp = defineCase({
  name: 'call-http',
  title: 'the same query over HTTP between two processes on loopback; the client has one processor, the service the other',
  durationMs: 1_500,
  takes: { inFlight: [64, 1] },
  async open({ inFlight }, { durationMs }) {
    await using scope = new AsyncDisposableStack();
    const { path: folder } = scope.use(await temporaryFolder());
    const { ready } = scope.use(await startFlotilla(['start', 'products', '--system', SYSTEM], folder));
    const systemKey = (await readFile(join(folder, 'system.key'), 'utf8')).trim();
    const transport = scope.use(createHttpTransport({ address: () => ready.internalUrl, systemKey, runtime }));
    const client = productClient(transport.call);
    const cpuMs = { clientCpuUs: ownCpuMs, serverCpuUs: () => cpuMsOf(ready.pid) };
    const opened = scope.move();
    return {
      round: async () => ({ own: await drive({ inFlight, durationMs, call: () => lookUp(client), cpuMs }) }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
