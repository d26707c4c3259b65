import type {
  ExternalOptions,
  HealthCheck,
  Instance,
  InstanceStatus,
  RegistrationOptions,
  RegistryEvent,
} from 'flotilla/discovery';
import { createLogger } from 'flotilla/telemetry';
import { defineCommand, type Invocation, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { keyValues } from '../option-values.ts';
import { openRegistry, statusStyle } from '../registry.ts';
import { REGISTRY_OPTIONS, registryPlace } from '../registry-place.ts';
import { watchStopSignals } from '../stop-signals.ts';

const options = {
  ...REGISTRY_OPTIONS,
  service: { type: 'string', value: 'NAME', description: 'What it is an instance of (required)' },
  url: { type: 'string', value: 'URL', description: 'Where it is: http://host:port, or tcp://host:port (required)' },
  check: { type: 'string', value: 'URL', description: 'Asks there how it is: an http URL, or tcp://host:port for a connection' },
  id: { type: 'string', value: 'ID', description: 'The id of the instance; made from service and URL unless said' },
  version: { type: 'string', value: 'VERSION', description: '0.0.0 unless said' },
  weight: { type: 'string', value: 'N', description: 'Its share of the traffic relative to others; 1 unless said' },
  zone: { type: 'string', value: 'ZONE', description: 'Where it stands; callers prefer their own zone' },
  meta: { type: 'string', value: 'KEY=VALUE', multiple: true, description: 'Adds to its metadata' },
} as const;

export const register = defineCommand({
  description:
    'Registers something that Flotilla did not start, for as long as this command runs: keeps its lease, checks it, and takes it\n' +
    'off the list when it is told to stop. Without --check it passes for as long as it is registered. What is critical for ten\n' +
    'minutes is taken off the list until it passes again.',
  args: [],
  options,
  examples: [
    'flotilla register --service billing --url http://10.0.0.7:8080 --check http://10.0.0.7:8080/health',
    'flotilla register --service mail --url tcp://10.0.0.9:25 --check tcp://10.0.0.9:25 --data /var/lib/shop',
  ],
  json: 'One line for each change: {"event":"registered"|"gone"|"lost","id":…,"service":…,"url":…,"status":…}, and {"event":"stopped"}.',
  run: async (invocation) => {
    const { options: given, terminal } = invocation;
    const instance = instanceOf(given);
    const check = readCheck(given.check);
    await using registry = await openRegistry(await registryPlace(given));
    await keepListed(invocation, { registry, instance, check });
    if (terminal.json) terminal.printJson({ event: 'stopped' });
    return EXIT.good;
  },
});

type Wanted = Pick<ExternalOptions, 'registry' | 'instance' | 'check'>;

async function keepListed({ terminal, runtime }: Pick<Invocation, 'terminal' | 'runtime'>, wanted: Wanted): Promise<void> {
  const { registerExternal } = await import('flotilla/discovery');
  const log = await createLogger({ level: 'warn' });
  using signals = watchStopSignals();
  const { id, service } = wanted.instance;
  using _watch = wanted.registry.watch(service, teller(id, terminal));
  await using _registered = registerExternal({ ...wanted, runtime, log });
  await signals.stopped;
}

function instanceOf(given: Invocation<typeof options>['options']): RegistrationOptions['instance'] {
  const { service, url, zone, version = '0.0.0', weight = '1' } = given;
  if (service === undefined) throw wrongUsage('--service is missing: what it is an instance of');
  if (url === undefined) throw wrongUsage('--url is missing: where it is');
  const address = url.replace(/\/+$/, '');
  const metadata = keyValues('meta', given.meta);
  const id = given.id ?? `${service}@${address.replace(/^\w+:\/\//, '')}`;
  return { id, service, url: address, version, zone, weight: Number(weight), metadata };
}

function readCheck(text: string | undefined): HealthCheck | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url?.protocol === 'tcp:' && url.port !== '') return { kind: 'tcp', host: url.hostname, port: Number(url.port) };
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { kind: 'http', url: text };
  throw wrongUsage(`--check wants http://…, https://… or tcp://host:port, not '${text}'`);
}

/** Tells what the registry says of one instance, whenever that is something else than before. */
function teller(id: string, terminal: Invocation['terminal']): (event: RegistryEvent) => void {
  let before: InstanceStatus | 'gone' | 'lost' | undefined;
  return (event) => {
    const news = newsOf(event, id);
    const state = typeof news === 'object' ? news.status : news;
    if (state === undefined || state === before) return;
    before = state;
    if (typeof news === 'object') {
      const { service, url, status } = news;
      const text = `${service} at ${terminal.style('cyan', url)} is ${terminal.style(statusStyle(status), status)}`;
      terminal.answer({ event: 'registered', id, service, url, status }, text);
    } else {
      terminal.answer(
        { event: state, id },
        state === 'lost' ? "The registry can't be reached; trying again" : `${id} is off the list`,
      );
    }
  };
}

function newsOf(event: RegistryEvent, id: string): Instance | 'gone' | 'lost' | undefined {
  if (event.kind === 'lost') return 'lost';
  if (event.kind === 'snapshot') return event.instances.find((instance) => instance.id === id);
  const [last] = event.changes.filter((change) => (change.kind === 'put' ? change.instance : change).id === id).slice(-1);
  return last?.kind === 'put' ? last.instance : last && 'gone';
}
