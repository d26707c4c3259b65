import { compete } from '../contender/compete.ts';
import { cpuMsOf, ownCpuMs } from '../process-usage.ts';
import type { RpcPeer } from './peer.ts';

// The process that asks: one for each peer, so that none runs on code and memory shaped by the others.

const [file, port, serverPid] = process.argv.slice(2);
const { peer } = (await import(file!)) as { peer: RpcPeer };
const client = await peer.connect(Number(port));

await compete({
  call: async () => {
    const { price } = await client.get('sencha-green-tea');
    if (price !== 990) throw new Error(`The price was ${price}.`);
  },
  cpuMs: { clientCpuUs: ownCpuMs, serverCpuUs: () => cpuMsOf(Number(serverPid)) },
});
