import { shortPath } from '../short-path.ts';
import type { SystemFile } from '../system-file.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { lengthOfTime } from '../time-text.ts';
import type { Fleet } from './fleet.ts';
import type { FleetOutput } from './output.ts';

export interface Announcement {
  readonly system: SystemFile;
  readonly fleet: Fleet;
  readonly gatewayUrl: string | undefined;
  readonly dataFolder: string;
  readonly tookMs: number;
}

/** Says that everything is up that can be, and where. */
export function announceReady(announcement: Announcement, output: FleetOutput, style: Terminal['style']): void {
  const { system, fleet, gatewayUrl, dataFolder, tookMs } = announcement;
  const instances = [...fleet.keepers].flatMap(([part, keepers]) =>
    keepers.map(({ state, process: { pid } = {} }, index) => ({ part, instance: index + 1, pid, state })),
  );
  const running = instances.filter(({ state }) => state === 'up').map(({ state: _up, ...instance }) => instance);
  const failed = [...new Set(instances.filter(({ state }) => state === 'failed').map(({ part }) => part))];
  const name = system.definition.name;
  const facts = [
    ...(gatewayUrl === undefined ? [] : [['Gateway', style('cyan', gatewayUrl)]]),
    ['Data', shortPath(dataFolder)],
    ...(failed.length === 0 ? [] : [['Missing', style('red', failed.join(', '))]]),
  ];
  const hint = gatewayUrl === undefined ? undefined : system.hint?.({ gateway: gatewayUrl });
  const text = [
    `${style('bold', name)} is up: ${running.length} processes in ${lengthOfTime(tookMs)}`,
    ...['', ...table(facts)].map((line) => `  ${line}`.trimEnd()),
    ...(hint === undefined ? [] : ['', hint]),
  ].join('\n');
  const event = { event: 'ready', system: name, gatewayUrl, dataFolder, instances: running, failed };
  output.tell({ ...event, pid: process.pid, tookMs: Math.round(tookMs) }, text);
}
