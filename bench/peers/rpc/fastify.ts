import { Pool } from 'undici';
import type { RpcPeer } from '../../src/rpc/peer.ts';

/** Fastify with its schemas for input and answer, called with undici's fastest interface for whole answers. */
export const peer: RpcPeer = {
  server: 'fastify-server.ts',
  async connect(port) {
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
    const headers = { 'content-type': 'application/json' };
    return {
      get: async (id) => {
        const { body } = await pool.request({ path: '/products/get', method: 'POST', headers, body: JSON.stringify({ id }) });
        return (await body.json()) as { price: number };
      },
      [Symbol.asyncDispose]: () => pool.close(),
    };
  },
};
