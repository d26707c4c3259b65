import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallerContext } from 'flotilla/client';
import { type Runtime, systemRuntime as runtime } from 'flotilla/kernel';
import { silentLogger } from 'flotilla/telemetry';
import { createStreamTransport, type Transport } from 'flotilla/transport';
import { benchCaller } from './caller.ts';

/** What a client needs that calls a running system as one of its parts. */
export interface SystemClient extends AsyncDisposable {
  readonly call: Transport['call'];
  readonly context: CallerContext;
  readonly runtime: Runtime;
}

/** Connects to a process of the system that runs on a data folder. */
export async function connectTo(internalUrl: string, dataFolder: string): Promise<SystemClient> {
  const systemKey = (await readFile(join(dataFolder, 'system.key'), 'utf8')).trim();
  const transport = createStreamTransport({ address: () => internalUrl, systemKey, runtime, log: silentLogger });
  return { call: transport.call, context: benchCaller(), runtime, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}
