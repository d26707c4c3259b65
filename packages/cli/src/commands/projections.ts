import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { allBuilds, type ServiceBuild } from '../read-models.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { lengthOfTime } from '../time-text.ts';

export const projections = defineCommand({
  description:
    'Each build of a read model has tables of its own; the active one is read. A stream is parked when one of its events\n' +
    'can not be applied: mend the code, then let it go on with projections unpark.',
  args: [],
  options: REMOTE_OPTIONS,
  examples: ['flotilla projections', 'flotilla projections --json'],
  json: 'One line per build: {"service":…,"projection":…,"build":…,"version":…,"status":…,"position":…,"lag":…,"parked":[…]}.',
  run: async ({ options, terminal }) => {
    await using remote = await connectToData(options.data);
    const builds = await allBuilds(remote);
    printList(terminal, {
      items: builds,
      heading: ['READ MODEL', 'SERVICE', 'BUILD', 'VERSION', 'STATUS', 'POSITION', 'LAG', 'PROGRESS', 'PARKED'],
      row: (build) => {
        const { projection, service, version, status, position, lag, parked } = build;
        const style = status === 'active' ? 'green' : 'dim';
        return [
          projection,
          service,
          String(build.build),
          String(version),
          terminal.style(style, status),
          String(position),
          String(lag),
          progress(build),
          parked.length === 0 ? '' : terminal.style('red', parked.map(({ stream }) => stream).join(' ')),
        ];
      },
      none: 'No service has read models.',
    });
    return EXIT.good;
  },
});

function progress({ position, lag, perSecond, etaMs }: ServiceBuild): string {
  if (perSecond === undefined || etaMs === undefined) return '';
  const percent = Math.floor((position / (position + lag)) * 100);
  return `${percent} %, ${perSecond}/s, ${lengthOfTime(etaMs)} left`;
}
