import type { ProjectionBuild } from 'flotilla/store';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { SERVICE_OPTION, serviceOf } from '../read-models.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';

export const projectionsRebuild = defineCommand({
  description:
    'Builds a read model from the start of the log, beside the one in use. When it has caught up it is read instead, from one\n' +
    'moment to the next; nobody waits meanwhile. Follow it with flotilla projections.',
  args: [{ name: 'NAME', description: 'The read model' }],
  options: { ...REMOTE_OPTIONS, ...SERVICE_OPTION },
  examples: ['flotilla projections rebuild order-summaries'],
  json: 'One line: {"service":…,"projection":…,"build":…,"status":"building"}.',
  run: async ({ args: [name], options, terminal }) => {
    await using remote = await connectToData(options.data);
    const service = await serviceOf(remote, name!, options.service);
    const answer = await remote.call({ service, operation: '$rebuild' }, { projection: name });
    // System operations keep the shapes of the store's port.
    const { build } = answer as { build: ProjectionBuild };
    terminal.answer({ service, ...build }, `Build ${build.build} of ${name} has begun beside the one in use.`);
    return EXIT.good;
  },
});
