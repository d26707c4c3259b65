import 'reflect-metadata';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import type { RpcPeer } from '../../src/rpc/peer.ts';

/** NestJS over its TCP transport, with Zod on both ends of the handler. */
export const peer: RpcPeer = {
  server: 'nest-server.ts',
  async connect(port) {
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
    await client.connect();
    return {
      get: (id) => firstValueFrom(client.send<{ price: number }>('products.get', { id })),
      [Symbol.asyncDispose]: async () => void (await client.close()),
    };
  },
};
