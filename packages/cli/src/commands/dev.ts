import { defineCommand, wrongUsage } from '../command.ts';
import { commaList } from '../option-values.ts';
import { SUPERVISE_OPTIONS } from '../processes/supervise-options.ts';
import { serve } from '../serve.ts';
import { loadSystemFile } from '../system-file.ts';

export const dev = defineCommand({
  description:
    'All services and the gateway run in one process and keep their data in one folder. Ctrl+C finishes what runs and stops;\n' +
    'pressed again it stops at once. Nothing is lost either way: the next start goes on from the same data.\n\n' +
    'With --processes each service, and the gateway, is a process of its own, or several with --scale. One that dies is started\n' +
    'again, and one whose files change restarts, once the system is sound.',
  args: [{ name: 'SYSTEM', description: 'The file that exports the system' }],
  options: {
    ...SUPERVISE_OPTIONS,
    processes: { type: 'boolean', description: 'Runs a process for each service' },
  },
  examples: [
    'flotilla dev system.ts',
    'flotilla dev system.ts --port 18080 --data /tmp/shop',
    'flotilla dev system.ts --only catalog,users',
    'flotilla dev system.ts --processes --scale catalog=3,orders=2',
  ],
  json:
    'One line when everything is up, {"event":"ready","gatewayUrl":…,"services":[…],"dataFolder":…}, and one at the end.\n' +
    '  With --processes also one for whatever happens: {"event":"starting"|"up"|"stopping"|"down"|"restarting"|"failed",\n' +
    '  "part":…,"instance":…,"pid":…}, {"event":"changed","part":…,"why":[…]} and {"event":"broken","message":…}.',
  run: async ({ args: [file], options, ...rest }) => {
    if (options.processes) {
      const { supervise } = await import('../processes/supervise.ts');
      return await supervise({ file: file!, options, ...rest });
    }
    if (options.scale !== undefined) throw wrongUsage('--scale wants --processes');
    const part = { only: commaList(options.only) };
    return await serve({ file: await loadSystemFile(file!), part, options, ...rest });
  },
});
