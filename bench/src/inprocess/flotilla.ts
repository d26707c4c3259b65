import { systemRuntime as runtime } from 'flotilla/kernel';
import { directBus } from 'flotilla/messaging';
import { createHost } from 'flotilla/service';
import { createLogger } from 'flotilla/telemetry';
import { createInProcessTransport } from 'flotilla/transport';
import { compete, place } from '../contender/compete.ts';
import { lookUp, productClient } from '../product/client.ts';
import { productService } from '../product/service.ts';
import { openDriver } from '../store.ts';

// Client, transport and host as two services of one process have them.

const log = await createLogger();
const transport = createInProcessTransport({ hosts: () => host.call, runtime });
const { call } = transport;
const driver = await openDriver(place);
const host = createHost({
  definition: productService,
  store: await driver.open('products', productService.database),
  call,
  bus: directBus({ subscribers: new Map(), call, runtime }),
  runtime,
  log,
  config: undefined,
  secret: 'bench',
  owner: 'bench',
});
const client = productClient(call);

await compete({ call: () => lookUp(client) });
