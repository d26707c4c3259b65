import { ServiceBroker } from 'moleculer';
import type { RpcPeer } from '../../src/rpc/peer.ts';

/** Moleculer over its TCP transport, with its own validator for the input and Zod for the answer. */
export const peer: RpcPeer = {
  server: 'moleculer-server.ts',
  async connect(port) {
    const urls = [`tcp://127.0.0.1:${port}/products`];
    const broker = new ServiceBroker({
      nodeID: 'orders',
      logger: false,
      transporter: { type: 'TCP', options: { udpDiscovery: false, urls } },
    });
    await broker.start();
    await broker.waitForServices('products');
    return {
      get: (id) => broker.call<{ price: number }, { id: string }>('products.get', { id }),
      [Symbol.asyncDispose]: async () => void (await broker.stop()),
    };
  },
};
