import { systemRuntime } from '../kernel/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { type OpenTransport, transportSuite } from '../testing/index.ts';
import { createHttpFace, createHttpTransport, createInProcessTransport, createListener, routeTransport } from './index.ts';

const runtime = systemRuntime;
const systemKey = 'a key that only this system knows';

const inProcess: OpenTransport = async ({ contract, call }) =>
  createInProcessTransport({ hosts: (service) => (service === contract.name ? call : undefined), runtime });

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
    [Symbol.asyncDispose]: async () => {
      await transport[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
};

transportSuite({ name: 'in process', open: inProcess, refusesLargeInputs: false });
transportSuite({ name: 'over HTTP', open: overHttp });
transportSuite({
  name: 'routed to another process',
  open: async (far) => {
    const local = createInProcessTransport({ hosts: () => undefined, runtime });
    return routeTransport({ isLocal: (service) => service !== 'suite', local, remote: await overHttp(far) });
  },
});
