import { sleep } from 'flotilla/kernel';
import type { StoredEvent } from 'flotilla/store';
import { defineCommand, type Invocation, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeNumber } from '../option-values.ts';
import { connectToData, type Remote, REMOTE_OPTIONS } from '../remote.ts';
import { watchStopSignals } from '../stop-signals.ts';
import type { Terminal } from '../terminal.ts';
import { timeOfDay } from '../time-text.ts';

const PAGE = 200;
const SHOWN_AT_FIRST = 10;
const POLL_MS = 500;

const options = {
  ...REMOTE_OPTIONS,
  type: { type: 'string', value: 'TYPE', multiple: true, description: 'Only events of this type, such as OrderPlaced' },
  stream: { type: 'string', value: 'PREFIX', description: 'Only events of streams that begin so, such as order:' },
  from: { type: 'string', value: 'N', description: 'Begin after this position; the last few events unless said' },
  follow: { type: 'string', value: 'BOOLEAN', description: "Wait for more; true unless said, 'false' ends with the last event" },
} as const;

export const eventsTail = defineCommand({
  description: "Shows events of the services' logs as they are committed, of all services or of those named.",
  args: [{ name: 'SERVICE', description: 'Only these services', isOptional: true, isMany: true }],
  options,
  examples: [
    'flotilla events tail',
    'flotilla events tail orders --type OrderPlaced',
    'flotilla events tail orders --stream order: --from 0',
    'flotilla events tail orders --from 0 --follow false --json',
  ],
  json: 'One line per event: {"service":…,"position":…,"type":…,"stream":…,"version":…,"data":…,"meta":…,"at":…}.',
  run: async ({ args, options: given, terminal, runtime }) => {
    const follow = readFollow(given.follow);
    const from = wholeNumber('from', given.from);
    await using remote = await connectToData(given.data);
    const unknown = args.find((service) => !remote.services.includes(service));
    if (unknown !== undefined) throw wrongUsage(`'${unknown}' does not run here; there is: ${remote.services.join(', ')}`);
    const services = args.length > 0 ? args : remote.services;
    const types = given.type.length > 0 ? given.type : undefined;
    const readers = await Promise.all(
      services.map((service) => openReader({ remote, service, types, from, streamPrefix: given.stream })),
    );
    await (follow ? followAll : readAll)(readers, { terminal, runtime });
    return EXIT.good;
  },
});

type Output = Pick<Invocation, 'terminal' | 'runtime'>;
type ServiceEvent = StoredEvent & { readonly service: string };
/** The next events of one service; none when there are no more yet. */
type Reader = () => Promise<ServiceEvent[]>;

interface ReaderOptions {
  remote: Remote;
  service: string;
  types: readonly string[] | undefined;
  from: number | undefined;
  streamPrefix: string | undefined;
}

async function openReader({ remote, service, types, from, streamPrefix }: ReaderOptions): Promise<Reader> {
  const read = async (after: number, limit: number): Promise<{ events: StoredEvent[]; head: number }> => {
    const answer = await remote.call({ service, operation: '$events' }, { after, limit, types, streamPrefix });
    // System operations keep the shapes of the store's port.
    return answer as { events: StoredEvent[]; head: number };
  };
  let after = from ?? Math.max(0, (await read(0, 1)).head - SHOWN_AT_FIRST);
  return async () => {
    const { events } = await read(after, PAGE);
    after = events.at(-1)?.position ?? after;
    return events.map((event) => ({ service, ...event }));
  };
}

/** Prints what there is, in order of time, until there is no more. */
async function readAll(readers: readonly Reader[], { terminal }: Output): Promise<void> {
  for (;;) {
    const events = (await Promise.all(readers.map((reader) => reader()))).flat();
    if (events.length === 0) return;
    for (const event of events.sort((left, right) => left.at - right.at)) show(event, terminal);
  }
}

async function followAll(readers: readonly Reader[], output: Output): Promise<void> {
  using signals = watchStopSignals();
  const stop = new AbortController();
  void signals.stopped.then(() => stop.abort());
  while (!stop.signal.aborted) {
    await readAll(readers, output);
    await sleep(output.runtime.clock, POLL_MS, stop.signal).catch(() => undefined);
  }
}

function show(event: ServiceEvent, terminal: Terminal): void {
  if (terminal.json) return terminal.printJson(event);
  const { service, position, type, stream, data, at } = event;
  const { style } = terminal;
  const facts = [
    style('dim', timeOfDay(at)),
    service.padEnd(13),
    style('dim', String(position).padStart(5)),
    style('cyan', type),
  ];
  terminal.print([...facts, ...(stream ? [stream] : []), style('dim', JSON.stringify(data))].join(' '));
}

function readFollow(text = 'true'): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw wrongUsage(`--follow wants true or false, not '${text}'`);
}
