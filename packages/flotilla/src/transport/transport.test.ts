import { systemRuntime } from '../kernel/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { type OpenTransport, transportSuite } from '../testing/index.ts';
import {
  createHttpFace,
  createHttpTransport,
  createInProcessTransport,
  createListener,
  createStreamServer,
  createStreamTransport,
  routeTransport,
} from './index.ts';

const runtime = systemRuntime;
const systemKey = 'a key that only this system knows';

const inProcess: OpenTransport = async ({ contract, call, subscribe }) =>
  createInProcessTransport({
    hosts: (service) => (service === contract.name ? call : undefined),
    streams: (service) => (service === contract.name ? subscribe : undefined),
    runtime,
  });

const overHttp: OpenTransport = async ({ contract, call }) => {
  const face = createHttpFace({ contract, call, systemKey, runtime });
  const prefix = `/${contract.name}`;
  const listener = createListener({
    runtime,
    log: silentLogger,
    handler: (request, signal) => face({ ...request, path: request.path.slice(prefix.length) }, signal),
  });
  const { url } = await listener.start();
  const address = (service: string): string | undefined => (service === contract.name ? url : undefined);
  const transport = createHttpTransport({ address, systemKey, runtime });
  return {
    call: transport.call,
    subscribe: transport.subscribe,
    [Symbol.asyncDispose]: async () => {
      await transport[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
};

const overStream: OpenTransport = async ({ contract, call, subscribe }) => {
  const listener = createListener({
    runtime,
    log: silentLogger,
    handler: async () => ({ status: 500, headers: {}, body: 'no call should come this way' }),
    upgrade: createStreamServer({
      call: (service) => (service === contract.name ? call : undefined),
      subscribe: (service) => (service === contract.name ? subscribe : undefined),
      systemKey,
      runtime,
      log: silentLogger,
    }),
  });
  const { url } = await listener.start();
  const address = (service: string): string | undefined => (service === contract.name ? url : undefined);
  const transport = createStreamTransport({ address, systemKey, runtime, log: silentLogger });
  return {
    call: transport.call,
    subscribe: transport.subscribe,
    [Symbol.asyncDispose]: async () => {
      await transport[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
};

transportSuite({ name: 'in process', open: inProcess, refusesLargeInputs: false });
transportSuite({ name: 'over HTTP', open: overHttp, streams: false });
transportSuite({ name: 'over a stream', open: overStream });
transportSuite({
  name: 'routed to another process',
  open: async (far) => {
    const local = createInProcessTransport({ hosts: () => undefined, runtime });
    return routeTransport({ isLocal: (service) => service !== 'suite', local, remote: await overStream(far) });
  },
});
