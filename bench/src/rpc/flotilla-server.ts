import { systemRuntime as runtime } from 'flotilla/kernel';
import { directBus } from 'flotilla/messaging';
import { createHost } from 'flotilla/service';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { createLogger } from 'flotilla/telemetry';
import { createListener, createStreamServer } from 'flotilla/transport';
import { productService } from '../product/service.ts';
import { listening } from './peer.ts';
import { SYSTEM_KEY } from './system-key.ts';

const folder = process.argv[2]!;
const log = await createLogger();
const store = await sqliteDriver({ folder, runtime, log }).open('products', productService.database);
const nobody = async (): Promise<never> => {
  throw new Error('This service calls no other.');
};
const host = createHost({
  definition: productService,
  store,
  call: nobody,
  bus: directBus({ subscribers: new Map(), call: nobody, runtime }),
  runtime,
  log,
  config: undefined,
  secret: 'hush',
  owner: 'bench',
});
const call = (service: string): typeof host.call | undefined => (service === 'products' ? host.call : undefined);
const listener = createListener({
  handler: async () => ({ status: 404, headers: {}, body: undefined }),
  upgrade: createStreamServer({ call, systemKey: SYSTEM_KEY, runtime, log }),
  runtime,
  log,
});
listening((await listener.start()).port);
