import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemRuntime } from '../../../kernel/index.ts';
import { silentLogger } from '../../../telemetry/index.ts';
import type { ItemsHandler } from '../../call.ts';
import { createStreamTransport } from '../client-transport.ts';
import { openServer, SYSTEM_KEY } from './open-server.ts';
import { farCall } from './raw-stream.ts';

// Opens so many streams at once on one connection, reads an item of each, leaves them, and says what is left of that. A process of
// its own, because the test runner remembers every promise.

const STREAMS = Number(process.argv[2]);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let open = 0;
const tell: ItemsHandler = async ({ input }, signal) => {
  open += 1;
  signal.addEventListener('abort', () => (open -= 1), { once: true });
  return (async function* () {
    yield input;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  })();
};
await using server = await openServer({ call: async () => undefined, subscribe: tell, limits: { calls: STREAMS } });
const address = (): string => server.url;
await using transport = createStreamTransport({ address, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });

async function storm(streams: number): Promise<{ open: number; endings: string[] }> {
  const caller = new AbortController();
  const begin = async (input: number): Promise<{ items: AsyncIterator<unknown>; first: unknown }> => {
    const opened = await transport.subscribe(farCall(input, { remainingMs: Infinity }), caller.signal);
    const items = opened[Symbol.asyncIterator]();
    return { items, first: (await items.next()).value };
  };
  const begun: ReturnType<typeof begin>[] = [];
  while (begun.length < streams) {
    begun.push(begin(begun.length));
    if (begun.length % 2_000 === 0) await new Promise(setImmediate);
  }
  const all = await Promise.all(begun);
  if (!all.every(({ first }, input) => first === input)) throw new Error('An item came to the wrong reader.');
  const atOnce = open;
  const ends = all.map(({ items }) => items.next().then(String, ({ code }: { code: string }) => code));
  caller.abort();
  const endings = [...new Set(await Promise.all(ends))];
  while (open > 0) await new Promise(setImmediate);
  return { open: atOnce, endings };
}

function heapMiB(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

await storm(STREAMS / 100);
const before = heapMiB();
const said = await storm(STREAMS);
process.send!({ ...said, leftMiB: heapMiB() - before });
process.disconnect();
