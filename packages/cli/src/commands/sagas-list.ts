import type { SagaRow, SagaStatus } from 'flotilla/store';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { wholeNumber } from '../option-values.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { statusStyle } from '../sagas.ts';
import { dateTime } from '../time-text.ts';

const STATUSES: readonly SagaStatus[] = ['ready', 'running', 'waiting', 'compensating', 'stuck', 'done', 'compensated'];

export const sagasList = defineCommand({
  description: "Lists the sagas of all services. 'stuck' ones wait for an operator: see sagas show, retry, skip and resolve.",
  args: [],
  options: {
    ...REMOTE_OPTIONS,
    status: { type: 'string', value: 'STATUS', description: `Only these: ${STATUSES.join(', ')}` },
    kind: { type: 'string', value: 'KIND', description: 'Only sagas of this name, such as place-order' },
    limit: { type: 'string', value: 'N', description: 'At most this many of each service; 50 unless said' },
  },
  examples: ['flotilla sagas list', 'flotilla sagas list --status stuck --json'],
  json: 'One line per saga: {"service":…,"id":…,"kind":…,"key":…,"status":…,"reason":…,"at":…,"updatedAt":…}.',
  run: async ({ options, terminal }) => {
    const { status, kind } = options;
    if (status !== undefined && !STATUSES.includes(status as SagaStatus)) {
      throw wrongUsage(`--status wants one of ${STATUSES.join(', ')}, not '${status}'`);
    }
    await using remote = await connectToData(options.data);
    const input = { status, kind, limit: wholeNumber('limit', options.limit) ?? 50 };
    const found = await Promise.all(
      remote.services.map(async (service) => {
        const { sagas } = (await remote.call({ service, operation: '$sagas' }, input)) as { sagas: SagaRow[] };
        return sagas.map((saga) => ({ service, ...saga }));
      }),
    );
    printList(terminal, {
      items: found.flat().sort((left, right) => right.updatedAt - left.updatedAt),
      heading: ['ID', 'SERVICE', 'KIND', 'KEY', 'STATUS', 'UPDATED', 'REASON'],
      row: ({ id, service, kind: name, key, status: now, updatedAt, reason }) => {
        return [id, service, name, key, terminal.style(statusStyle(now), now), dateTime(updatedAt), reason ?? ''];
      },
      none: 'No sagas.',
    });
    return EXIT.good;
  },
});
