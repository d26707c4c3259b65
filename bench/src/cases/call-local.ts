import { createHost } from 'flotilla/service';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { directBus } from 'flotilla/messaging';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { createLogger } from 'flotilla/telemetry';
import { createInProcessTransport } from 'flotilla/transport';
import type { BenchCase } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { driveEach } from '../load.ts';
import { ownCpuMs } from '../process-usage.ts';
import { lookUp, productClient } from '../product/client.ts';
import { productService } from '../product/service.ts';

/** What a call costs between two services of one process: client, transport, host, and everything checked and copied on the way. */
export const callLocal: BenchCase = {
  name: 'call-local',
  title: 'a query with a small product, client to host in one process, validated both ways; everything on one thread',
  async open() {
    await using scope = new AsyncDisposableStack();
    const { path: folder } = scope.use(await temporaryFolder());
    const log = await createLogger();
    const driver = scope.use(sqliteDriver({ folder, runtime, log }));
    const store = await driver.open('products', productService.database);
    const transport = scope.use(createInProcessTransport({ hosts: () => host.call, runtime }));
    const { call } = transport;
    const bus = scope.use(directBus({ subscribers: new Map(), call, runtime }));
    const host = createHost({
      definition: productService,
      store,
      call,
      bus,
      runtime,
      log,
      config: undefined,
      secret: 'bench',
      owner: 'bench',
    });
    scope.defer(() => host.stop());
    const client = productClient(call);
    const opened = scope.move();
    return {
      round: () =>
        driveEach([1, 64], { durationMs: 1_500, per: 'calls/s', call: () => lookUp(client), cpuMs: { CPU: ownCpuMs } }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};
