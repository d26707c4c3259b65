import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { REMOTE_OPTIONS } from '../remote.ts';
import { lengthOfTime } from '../time-text.ts';
import { createVitalsReader, type Seen } from '../vitals.ts';

/** What one process of a service does alone, and which one does it now. */
interface Led {
  readonly service: string;
  readonly leader: string;
  readonly pid?: number;
  readonly instance?: string;
  readonly fence?: number;
  readonly since?: number;
}

export const leaders = defineCommand({
  description:
    'Lists what only one process of each service does at a time, and which process does it now. Right after a process died nobody\n' +
    'does, until its lease of 15 s is over.',
  args: [],
  options: REMOTE_OPTIONS,
  examples: ['flotilla leaders', 'flotilla leaders --json'],
  json: 'One line for each: {"service":…,"leader":…,"pid":…,"instance":…,"fence":…,"since":…}; the last four while somebody leads.',
  run: async ({ options, terminal, runtime }) => {
    await using reader = createVitalsReader(options.data);
    const items = ledIn(await reader.read());
    printList(terminal, {
      items,
      heading: ['SERVICE', 'LEADER', 'LED BY', 'FENCE', 'SINCE'],
      row: ({ service, leader, pid, fence, since }) => [
        service,
        leader,
        pid === undefined ? terminal.style('yellow', 'nobody') : `process ${pid}`,
        String(fence ?? ''),
        since === undefined ? '' : lengthOfTime(runtime.clock.now() - since),
      ],
      none: 'No service does anything in one process alone.',
    });
    return EXIT.good;
  },
});

/** Of each leader the process with the highest fence: another may not have noticed yet that it was replaced. */
export function ledIn(seen: readonly Seen[]): Led[] {
  const all = seen.flatMap(({ service, pid, vitals }) =>
    (vitals?.leaders ?? []).map(({ name: leader, term }): Led => {
      return { service, leader, ...(term && { pid, instance: vitals!.instance, ...term }) };
    }),
  );
  const found = new Map<string, Led>();
  for (const one of all) {
    const key = `${one.service} ${one.leader}`;
    const before = found.get(key);
    if (!before || (one.fence ?? 0) > (before.fence ?? 0)) found.set(key, one);
  }
  return [...found.keys()].sort().map((key) => found.get(key)!);
}
