import { join } from 'node:path';
import { createClient } from 'flotilla/client';
import { startFlotilla } from '../flotilla-process.ts';
import { temporaryFolder } from '../folder.ts';
import { connectTo } from '../system-client.ts';
import { hops } from './hops.ts';

const SYSTEM = join(import.meta.dirname, 'system.ts');
const READY_AFTER_MS = 20;

/** Eight services in processes of their own, as `flotilla start` runs them, and somebody who asks the first. */
export interface Chain extends AsyncDisposable {
  /** Milliseconds that were left at each service on the way. */
  pass(hops: number): Promise<number[]>;
}

export async function openChain(): Promise<Chain> {
  await using scope = new AsyncDisposableStack();
  const { path: folder } = scope.use(await temporaryFolder());
  const started = await Promise.all(
    hops.map(async ({ name }) => scope.use(await startFlotilla(['start', name, '--system', SYSTEM], folder))),
  );
  for (const { ready } of started) await untilReady(ready.internalUrl);
  const { call, context, runtime } = scope.use(await connectTo(started[0]!.ready.internalUrl, folder));
  const client = createClient({ contract: hops[0]!, call, context, runtime });
  const opened = scope.move();
  return { pass: (count) => client.pass({ hops: count }), [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** They find each other in whatever order they start. */
async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, READY_AFTER_MS));
}
