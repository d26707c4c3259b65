import type { BenchCase, Figures } from '../case.ts';
import { drive } from '../load.ts';
import { cpuMsOf, ownCpuMs } from '../process-usage.ts';
import { fastify } from '../rpc/fastify.ts';
import { flotilla } from '../rpc/flotilla.ts';
import { grpc } from '../rpc/grpc.ts';
import { moleculer } from '../rpc/moleculer.ts';
import { nest } from '../rpc/nest.ts';
import { type OpenPeer, openPeer } from '../rpc/peer.ts';

const PEERS = [nest, moleculer, grpc, fastify];
const DURATION_MS = 1_000;

/** What a call from one service to another costs, beside others who do the same work. */
export const rpc: BenchCase = {
  name: 'rpc',
  title: 'a query with a small product between two processes on loopback, input and answer validated; each peer in turn',
  async open() {
    await using scope = new AsyncDisposableStack();
    const ours = scope.use(await openPeer(flotilla));
    const peers: OpenPeer[] = [];
    for (const peer of PEERS) peers.push(scope.use(await openPeer(peer)));
    const opened = scope.move();
    return {
      round: async () => ({ ...(await round(ours, peers, 64)), ...(await round(ours, peers, 1)) }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};

async function round(ours: OpenPeer, peers: readonly OpenPeer[], inFlight: number): Promise<Figures> {
  const all: Record<string, number> = {};
  const measured = new Map<OpenPeer, Figures>();
  for (const peer of [ours, ...peers]) {
    const figures = await ask(peer, inFlight);
    measured.set(peer, figures);
    for (const [name, value] of Object.entries(figures)) all[`${peer.name}: ${name}, ${inFlight} in flight`] = value;
  }
  const best = (name: string, choose: typeof Math.max): number =>
    choose(...peers.map((peer) => measured.get(peer)![name]!));
  const own = measured.get(ours)!;
  all[`× calls/s of the fastest peer, ${inFlight} in flight`] = own['calls/s']! / best('calls/s', Math.max);
  all[`× p50 of the fastest peer, ${inFlight} in flight`] = own['p50 ms']! / best('p50 ms', Math.min);
  return all;
}

async function ask({ client, serverPid }: OpenPeer, inFlight: number): Promise<Figures> {
  const call = async (): Promise<void> => {
    const { price } = await client.get('sencha-green-tea');
    if (price !== 990) throw new Error(`The price was ${price}.`);
  };
  const cpuMs = { 'client CPU': ownCpuMs, 'server CPU': () => cpuMsOf(serverPid) };
  return await drive({ inFlight, durationMs: DURATION_MS, per: 'calls/s', call, cpuMs });
}
