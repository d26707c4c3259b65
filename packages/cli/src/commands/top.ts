import { durationMs, sleep } from 'flotilla/kernel';
import { defineCommand, type Invocation, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { REMOTE_OPTIONS } from '../remote.ts';
import { createScreen } from '../screen.ts';
import { watchStopSignals } from '../stop-signals.ts';
import { instanceRows, operationRows, topView, upstreamRows } from '../top-view.ts';
import { createVitalsReader, type Seen } from '../vitals.ts';

export const top = defineCommand({
  description:
    'Shows for each operation how often it is called, how often it fails, and how long it takes (of the last ten seconds, on the\n' +
    'slowest instance); for each instance how busy it is; and for each caller the state of its breakers, and how many\n' +
    'retries its budget refused. Ctrl+C ends it.',
  args: [{ name: 'SERVICE', description: 'Only these services', isOptional: true, isMany: true }],
  options: {
    ...REMOTE_OPTIONS,
    once: { type: 'boolean', description: 'Shows it once' },
    every: { type: 'string', value: 'TIME', description: 'How often it is shown anew; 1s unless said' },
  },
  examples: ['flotilla top', 'flotilla top orders --once', 'flotilla top --once --json'],
  json:
    'One line each time: {"at":…,"operations":[{"service":…,"operation":…,"callsPerSecond":…,"p99Ms":…}],"instances":[{"service":…,\n' +
    '  "pid":…,"version":…,"inFlight":…}],"upstreams":[{"caller":…,"name":…,"breaker":{"kind":…}}]}.',
  run: async ({ args, options, terminal, runtime }) => {
    const everyMs = readEvery(options.every);
    await using reader = createVitalsReader(options.data);
    const look = async (): Promise<readonly Seen[]> => {
      const seen = await reader.read();
      const wanted = args.length === 0 ? seen : seen.filter(({ service }) => args.includes(service));
      if (wanted.length > 0) return wanted;
      throw wrongUsage(`No such service runs here; there is: ${[...new Set(seen.map(({ service }) => service))].join(', ')}`);
    };
    if (options.once) show(await look(), { terminal, runtime });
    else await watch({ look, everyMs, terminal, runtime });
    return EXIT.good;
  },
});

type Output = Pick<Invocation, 'terminal' | 'runtime'>;

function readEvery(text: string = '1s'): number {
  try {
    return Math.max(100, durationMs(text));
  } catch (error) {
    throw wrongUsage(`--every: ${(error as Error).message}`);
  }
}

function show(seen: readonly Seen[], { terminal, runtime }: Output): void {
  const now = runtime.clock.now();
  const facts = { at: now, operations: operationRows(seen), instances: instanceRows(seen), upstreams: upstreamRows(seen) };
  terminal.answer(facts, topView(seen, { style: terminal.style, now }).join('\n'));
}

interface Watching extends Output {
  readonly look: () => Promise<readonly Seen[]>;
  readonly everyMs: number;
}

/** Shows it again and again: in place on a terminal, one below the other everywhere else. */
async function watch({ look, everyMs, terminal, runtime }: Watching): Promise<void> {
  using signals = watchStopSignals();
  const over = new AbortController();
  void signals.stopped.then(() => over.abort());
  let seen: readonly Seen[] = [];
  const page = (): string[] => topView(seen, { style: terminal.style, now: runtime.clock.now() });
  const screen = process.stdout.isTTY && !terminal.json ? createScreen(process.stdout, page) : undefined;
  while (!over.signal.aborted) {
    seen = await look();
    if (screen) screen.refresh();
    else show(seen, { terminal, runtime });
    await sleep(runtime.clock, everyMs, over.signal).catch(() => undefined);
  }
}
