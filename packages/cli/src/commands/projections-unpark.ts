import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { SERVICE_OPTION, serviceOf } from '../read-models.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';

export const projectionsUnpark = defineCommand({
  description: 'Applies the events that a parked stream has waited with, in order; then it goes on with the others.',
  args: [
    { name: 'NAME', description: 'The read model' },
    { name: 'STREAM', description: 'The stream, as flotilla projections shows it' },
  ],
  options: { ...REMOTE_OPTIONS, ...SERVICE_OPTION },
  examples: ['flotilla projections unpark order-summaries order:01930b2e-7c1f-7a52-9c6e-3f8a52e4d901'],
  json: 'One line: {"service":…,"projection":…,"stream":…}.',
  run: async ({ args: [projection, stream], options, terminal }) => {
    await using remote = await connectToData(options.data);
    const service = await serviceOf(remote, projection!, options.service);
    await remote.call({ service, operation: '$unparkStream' }, { projection, stream });
    terminal.answer({ service, projection, stream }, `${projection} goes on with ${stream}.`);
    return EXIT.good;
  },
});
