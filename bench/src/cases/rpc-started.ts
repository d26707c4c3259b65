import { join } from 'node:path';
import { createClient } from 'flotilla/client';
import { asker } from '../asking/asker.ts';
import { defineCase, type Figures } from '../case.ts';
import { startFlotilla } from '../flotilla-process.ts';
import { temporaryFolder } from '../folder.ts';
import { type CpuMeter } from '../load.ts';
import { cpuMsOf } from '../process-usage.ts';
import { connectTo } from '../system-client.ts';

const SYSTEM = join(import.meta.dirname, '../asking/system.ts');

/** The call of `rpc` with everything around it that a running system has: registry, balancer, policies, metrics, shedding. */
export const rpcStarted = defineCase({
  name: 'rpc-started',
  title: 'the same query between two services that `flotilla start` runs in processes of their own, found through the registry',
  durationMs: 1_500,
  takes: { inFlight: [64, 1] },
  async open({ inFlight }, { durationMs }) {
    await using scope = new AsyncDisposableStack();
    const { path: folder } = scope.use(await temporaryFolder());
    const start = async (name: string) => scope.use(await startFlotilla(['start', name, '--system', SYSTEM], folder)).ready;
    const served = await start('products');
    const asking = await start('asker');
    const { call, context, runtime } = scope.use(await connectTo(asking.internalUrl, folder));
    const client = createClient({ contract: asker, call, context, runtime });
    const cpu: readonly (readonly [string, CpuMeter])[] = [
      ['clientCpuUs', () => cpuMsOf(asking.pid)],
      ['serverCpuUs', () => cpuMsOf(served.pid)],
    ];
    const opened = scope.move();
    return {
      round: async () => {
        const before = await Promise.all(cpu.map(([, read]) => read()));
        const figures: Figures = await client.ask({ inFlight, durationMs });
        const calls = figures.perSecond! * (durationMs / 1_000);
        const after = await Promise.all(cpu.map(([, read]) => read()));
        const spent = cpu.map(([name], index) => [name, ((after[index]! - before[index]!) * 1_000) / calls] as const);
        return { own: { ...figures, ...(Object.fromEntries(spent) as Figures) } };
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
