import { drive } from '../load.ts';
import { cpuMsOf, ownCpuMs } from '../process-usage.ts';
import type { Order } from './pair.ts';
import type { RpcPeer } from './peer.ts';

// The process that asks: one for each peer, so that none runs on code and memory shaped by the others.

const [file, port, serverPid] = process.argv.slice(2);
const { peer } = (await import(`./${file}`)) as { peer: RpcPeer };
const client = await peer.connect(Number(port));
const cpuMs = { 'client CPU': ownCpuMs, 'server CPU': () => cpuMsOf(Number(serverPid)) };

const call = async (): Promise<void> => {
  const { price } = await client.get('sencha-green-tea');
  if (price !== 990) throw new Error(`The price was ${price}.`);
};

process.once('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  void drive({ ...order, per: 'calls/s', call, cpuMs }).then((figures) => process.send!(figures));
});
process.send!('ready');
