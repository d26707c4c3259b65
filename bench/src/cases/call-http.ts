import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { createHttpTransport } from 'flotilla/transport';
import type { BenchCase } from '../case.ts';
import { startFlotilla } from '../flotilla-process.ts';
import { temporaryFolder } from '../folder.ts';
import { driveEach } from '../load.ts';
import { cpuMsOf, ownCpuMs } from '../process-usage.ts';
import { lookUp, productClient } from '../product/client.ts';

const SYSTEM = join(import.meta.dirname, '../product/system.ts');

/** The same call to a service that `flotilla start` runs in a process of its own. */
export const callHttp: BenchCase = {
  name: 'call-http',
  title: 'the same query over HTTP between two processes on loopback; the client has one processor, the service the other',
  async open() {
    await using scope = new AsyncDisposableStack();
    const { path: folder } = scope.use(await temporaryFolder());
    const { ready } = scope.use(await startFlotilla(['start', 'products', '--system', SYSTEM], folder));
    const systemKey = (await readFile(join(folder, 'system.key'), 'utf8')).trim();
    const transport = scope.use(createHttpTransport({ address: () => ready.internalUrl, systemKey, runtime }));
    const client = productClient(transport.call);
    const cpuMs = { 'client CPU': ownCpuMs, 'server CPU': () => cpuMsOf(ready.pid) };
    const opened = scope.move();
    return {
      round: () => driveEach([1, 64], { durationMs: 1_500, per: 'calls/s', call: () => lookUp(client), cpuMs }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};
