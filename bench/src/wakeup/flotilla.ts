import { parseArgs } from 'node:util';
import { natsBus } from '@flotilla/nats';
import { createClient } from 'flotilla/client';
import { sleep, systemRuntime as runtime } from 'flotilla/kernel';
import { type Bus, directBus } from 'flotilla/messaging';
import { anonymous } from 'flotilla/security';
import { createHost, type ServiceDefinition, type ServiceHost } from 'flotilla/service';
import { createLogger, startTrace } from 'flotilla/telemetry';
import { createInProcessTransport } from 'flotilla/transport';
import type { Figures } from '../case.ts';
import { obey, place } from '../contender/compete.ts';
import type { Order } from '../load.ts';
import { percentile } from '../stats.ts';
import { openDriver } from '../store.ts';
import { bell, bellService, earService } from './services.ts';

// Two services of one process, as a system has them: one rings now and then, the other hears it.

/** Long enough for whatever the last one led to. */
const SHORTEST_PAUSE_MS = 50;
const MORE_PAUSE_MS = 50;

const { values: flags } = parseArgs({ strict: false, options: { bus: { type: 'string', default: 'direct' } } });
const log = await createLogger({ level: 'warn' });
const hosts = new Map<string, ServiceHost>();
const { call } = createInProcessTransport({ hosts: (name) => hosts.get(name)?.call, runtime });
const bus = openBus(String(flags.bus));
const driver = await openDriver(place);
const bellStore = await driver.open('bell', bellService.database);
let hear = (_number: number): void => undefined;
const ear = earService((number) => hear(number));
for (const [definition, store] of [
  [bellService, bellStore],
  [ear, await driver.open('ear', ear.database)],
] as const) {
  open(definition, store);
}
const client = createClient({ contract: bell, call, runtime, context: aCaller() });
let committedAt = 0;
bellStore.onCommit(({ events }) => {
  if (events) committedAt = performance.now();
});

obey(measure);

async function measure({ durationMs }: Order): Promise<Figures> {
  const idleCpuPercent = await idle(durationMs);
  const latencies: number[] = [];
  const start = performance.now();
  for (let number = 1; performance.now() < start + durationMs; number++) {
    await sleep(runtime.clock, SHORTEST_PAUSE_MS + runtime.random.next() * MORE_PAUSE_MS);
    latencies.push(await ring(number));
  }
  const perSecond = (latencies.length / (performance.now() - start)) * 1_000;
  return { perSecond, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99), idleCpuPercent };
}

/** Of one processor, while nothing happens. */
async function idle(durationMs: number): Promise<number> {
  const before = process.cpuUsage();
  const start = performance.now();
  await sleep(runtime.clock, durationMs);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1_000 / (performance.now() - start)) * 100;
}

/** Milliseconds from the commit to the beginning of the handler. */
async function ring(number: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  hear = (heard) => heard === number && resolve(performance.now());
  await client.ring({ number });
  return (await promise) - committedAt;
}

function openBus(kind: string): Bus {
  const subscribers = new Map([['ear', [bell.events.Rang.id]]]);
  if (kind === 'direct') return directBus({ subscribers, call, runtime });
  return natsBus({ url: kind, system: `bench-${process.pid}`, subscribers, runtime, log });
}

function open(definition: ServiceDefinition, store: Parameters<typeof createHost>[0]['store']): void {
  const owner = runtime.ids();
  const host = createHost({ definition, store, call, bus, runtime, log, config: undefined, secret: 'bench', owner });
  hosts.set(definition.contract.name, host);
  host.start();
}

function aCaller() {
  return {
    identity: anonymous,
    caller: { internal: true, name: 'service:bench' },
    trace: startTrace(runtime.random),
    correlationId: runtime.ids(),
    signal: new AbortController().signal,
  };
}
