import { defineCommand } from '../command.ts';
import { commaList } from '../option-values.ts';
import { serve, SERVE_OPTIONS } from '../serve.ts';
import { loadSystemFile } from '../system-file.ts';

export const dev = defineCommand({
  description:
    'All services and the gateway run in one process and keep their data in one folder. Ctrl+C finishes what runs and stops;\n' +
    'pressed again it stops at once. Nothing is lost either way: the next start goes on from the same data.',
  args: [{ name: 'SYSTEM', description: 'The file that exports the system' }],
  options: {
    ...SERVE_OPTIONS,
    only: { type: 'string', value: 'A,B', description: 'Runs only these services' },
  },
  examples: [
    'flotilla dev system.ts',
    'flotilla dev system.ts --port 18080 --data /tmp/shop',
    'flotilla dev system.ts --only catalog,users',
  ],
  json: 'One line when everything is up, {"event":"ready","gatewayUrl":…,"services":[…],"dataFolder":…}, and one at the end.',
  run: async ({ args: [file], options, ...rest }) => {
    const part = { only: commaList(options.only) };
    return await serve({ file: await loadSystemFile(file!), part, options, ...rest });
  },
});
