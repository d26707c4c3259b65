import { FlotillaError } from 'flotilla/kernel';
import type { StreamAnswer } from 'flotilla/service';
import type { StoredEvent } from 'flotilla/store';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { connectToData, type Remote, REMOTE_OPTIONS } from '../remote.ts';
import type { Terminal } from '../terminal.ts';
import { dateTime } from '../time-text.ts';

export const eventsShow = defineCommand({
  description:
    'Shows the events of one stream in order, and the state that its aggregate makes of them. With --at it stops at a version\n' +
    'or at a time: what the thing was then.',
  args: [{ name: 'STREAM', description: 'Name and id of an aggregate: order:01930b2e-…' }],
  options: {
    ...REMOTE_OPTIONS,
    service: { type: 'string', value: 'NAME', description: 'Only this service; all are asked unless said' },
    at: { type: 'string', value: 'WHEN', description: 'A version such as 3, or a time such as 2026-11-20T08:00:00Z' },
  },
  examples: [
    'flotilla events show order:01930b2e-7c1f-7a52-9c6e-3f8a52e4d901',
    'flotilla events show order:01930b2e-7c1f-7a52-9c6e-3f8a52e4d901 --at 2',
    'flotilla events show order:01930b2e-7c1f-7a52-9c6e-3f8a52e4d901 --at 2026-11-20T08:00:00Z',
  ],
  json: 'One line: {"service":…,"stream":…,"version":…,"state":{…},"events":[{"version":…,"type":…,"data":…,"at":…}]}.',
  run: async ({ args: [stream], options, terminal }) => {
    const moment = momentOf(options.at);
    await using remote = await connectToData(options.data);
    const services = options.service === undefined ? remote.services : [options.service];
    const found = await findStream(remote, services, { stream, ...moment });
    if (terminal.json) terminal.printJson(found);
    else print(found, terminal);
    return EXIT.good;
  },
});

type Found = StreamAnswer & { readonly service: string };

async function findStream(remote: Remote, services: readonly string[], input: object): Promise<Found> {
  for (const service of services) {
    // System operations keep the shapes of the library.
    const answer = (await remote.call({ service, operation: '$stream' }, input)) as StreamAnswer;
    if (answer.exists) return { service, ...answer };
  }
  const message = `No service has a stream '${(input as { stream: string }).stream}'. Its name is that of the aggregate and the id: order:…`;
  throw new FlotillaError('STREAM_NOT_FOUND', { kind: 'not-found', message });
}

function momentOf(at: string | undefined): { atVersion: number } | { atTime: number } | undefined {
  if (at === undefined) return undefined;
  if (/^\d{1,9}$/.test(at)) return { atVersion: Number(at) };
  const atTime = Date.parse(at);
  if (Number.isNaN(atTime)) throw wrongUsage(`--at wants a version or a time such as 2026-11-20T08:00:00Z, not '${at}'`);
  return { atTime };
}

function print({ stream, service, version, events, state }: Found, terminal: Terminal): void {
  const { style } = terminal;
  terminal.print(`${style('bold', stream)} of ${service} at version ${version}`);
  for (const event of events) terminal.print(line(event, style));
  if (state !== undefined) terminal.print(JSON.stringify(state, undefined, 2));
}

function line({ version, at, type, schemaVersion, data }: StoredEvent, style: Terminal['style']): string {
  const schema = schemaVersion === 1 ? '' : ` v${schemaVersion}`;
  return [
    String(version).padStart(4),
    style('dim', dateTime(at)),
    style('cyan', `${type}${schema}`),
    style('dim', JSON.stringify(data)),
  ].join('  ');
}
