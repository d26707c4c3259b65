import { createClient } from 'flotilla/client';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { silentLogger, startTrace } from 'flotilla/telemetry';
import { createStreamTransport } from 'flotilla/transport';
import { products } from '../product/contract.ts';
import type { RpcPeer } from './peer.ts';
import { SYSTEM_KEY } from './system-key.ts';

/** The client and the host that services have, with deadline, retries, trace and user on every call. */
export const peer: RpcPeer = {
  server: 'flotilla-server.ts',
  async connect(port) {
    const url = `http://127.0.0.1:${port}`;
    const transport = createStreamTransport({ address: () => url, systemKey: SYSTEM_KEY, runtime, log: silentLogger });
    const context = {
      identity: { subject: 'user-1', roles: ['customer'], scopes: ['orders:write'] },
      caller: { internal: true, name: 'service:orders' },
      trace: startTrace(runtime.random),
      correlationId: runtime.ids(),
      signal: new AbortController().signal,
    };
    const client = createClient({ contract: products, call: transport.call, runtime, context });
    return { get: (id) => client.get({ id }), [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
  },
};
