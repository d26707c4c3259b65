import { createLogger } from 'flotilla/telemetry';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { portNumber } from '../option-values.ts';
import { openRegistry } from '../registry.ts';
import { REGISTRY_OPTIONS, registryPlace } from '../registry-place.ts';
import { watchStopSignals } from '../stop-signals.ts';

/** Consul's own port. */
const PORT = 8500;

export const consul = defineCommand({
  description:
    "Answers Consul's HTTP API from the registry of a running system, for clients and tools that speak it: catalog, agent\n" +
    'registration and checks, health with blocking queries, and keys. Listens on loopback; one process per system answers. With\n' +
    '--token, requests must carry it as X-Consul-Token.',
  args: [],
  options: {
    ...REGISTRY_OPTIONS,
    port: { type: 'string', value: 'N', description: `The port; ${PORT} unless said, 0 takes any free one` },
    token: { type: 'string', value: 'TOKEN', description: 'What clients must show; nothing unless said' },
  },
  examples: ['flotilla consul --data /var/lib/shop', 'curl -s http://127.0.0.1:8500/v1/health/service/catalog?passing'],
  json: 'One line when it answers, {"event":"ready","url":…}, and one at the end.',
  run: async ({ options, terminal, runtime }) => {
    using signals = watchStopSignals();
    const place = await registryPlace(options);
    const log = await createLogger({ level: 'warn' });
    const { createConsulApi } = await import('flotilla/discovery/consul');
    const { createListener } = await import('flotilla/transport');
    await using registry = await openRegistry(place);
    const { token } = options;
    using api = createConsulApi({ registry, folder: place.folder, ...(token !== undefined && { token }), runtime, log });
    const port = portNumber(options.port) ?? PORT;
    // Its clients encode the slashes of keys.
    await using listener = createListener({ handler: api.handler, port, encodedSlash: 'keep', runtime, log });
    const { url } = await listener.start();
    terminal.answer({ event: 'ready', url }, `Consul's API is at ${terminal.style('cyan', url)}`);
    await signals.stopped;
    if (terminal.json) terminal.printJson({ event: 'stopped' });
    return EXIT.good;
  },
});
