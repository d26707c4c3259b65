import { freePort } from 'flotilla/testing';
import { type Context, serve, service } from '@restatedev/restate-sdk';
import { Pool } from 'undici';
import { compete } from '../../src/contender/compete.ts';
import { cpuMsOf, ownCpuMs } from '../../src/process-usage.ts';
import { startRestate } from './restate-server.ts';

// A service whose handler takes four durable steps that do nothing, called through the server as the documentation does.

const step = (): null => null;

const voyage = service({
  name: 'voyage',
  handlers: {
    run: async (context: Context) => {
      await context.run('load', step);
      await context.run('sail', step);
      await context.run('land', step);
      await context.run('unload', step);
    },
  },
});

const port = await freePort();
// Otherwise it prints two lines for each call.
await serve({ services: [voyage], port, logger: () => undefined });
const server = await startRestate(`http://127.0.0.1:${port}`);
const ingress = new Pool(server.ingressUrl, { connections: 64, pipelining: 1 });

await compete({
  async call() {
    const { statusCode, body } = await ingress.request({ path: '/voyage/run', method: 'POST' });
    await body.dump();
    if (statusCode !== 200) throw new Error(`Restate answered ${statusCode}.`);
  },
  cpuMs: { cpuUs: ownCpuMs, serverCpuUs: () => cpuMsOf(server.pid) },
});
