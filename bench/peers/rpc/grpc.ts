import { promisify } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import { loadProducts } from './grpc-products.ts';
import type { RpcPeer } from '../../src/rpc/peer.ts';

/** gRPC for Node, with Zod on both ends of the handler. */
export const peer: RpcPeer = {
  server: 'grpc-server.ts',
  async connect(port) {
    const Products = loadProducts();
    const client = new Products(`127.0.0.1:${port}`, credentials.createInsecure());
    // The methods of a client are made from the file at run time, so their types are not known here.
    const get = promisify((client.Get as Get).bind(client));
    return { get: (id) => get({ id }), [Symbol.asyncDispose]: async () => client.close() };
  },
};

type Get = (input: { id: string }, done: (error: Error | null, product: { price: number }) => void) => void;
