import { defineCommand, wrongUsage } from '../command.ts';
import { commaList, keyValues } from '../option-values.ts';
import { serve, SERVE_OPTIONS } from '../serve.ts';
import { loadSystemFile } from '../system-file.ts';

export const start = defineCommand({
  description:
    'Runs one service of a system, over HTTP, in a process of its own; `flotilla start gateway` runs the gateway. Parts that share\n' +
    'the data folder share the system key and trust each other, and find each other through a registry there, in whatever order\n' +
    'they start. --peers says where something listens that the registry does not know.',
  args: [{ name: 'SERVICE', description: "A service of the system, or 'gateway'" }],
  options: {
    ...SERVE_OPTIONS,
    port: { type: 'string', value: 'N', description: 'The port it listens on; any free one unless said' },
    system: { type: 'string', value: 'FILE', description: 'The file that exports the system (required)' },
    peers: { type: 'string', value: 'A=URL,B=URL', description: 'Where parts listen that do not share the data folder' },
  },
  examples: [
    'flotilla start inventory --system system.ts --data /var/lib/shop',
    'flotilla start gateway --system system.ts --data /var/lib/shop --port 8080',
  ],
  json: 'One line when it is up, {"event":"ready","internalUrl":…,"services":[…]}, and one at the end.',
  run: async ({ args: [service], options, ...rest }) => {
    if (options.system === undefined) throw wrongUsage('--system is missing: the file that exports the system');
    const part = { single: service, peers: keyValues('peers', commaList(options.peers) ?? []) };
    return await serve({ file: await loadSystemFile(options.system), part, options, ...rest });
  },
});
