import type { Pauses, SagaRow } from 'flotilla/store';
import { askAll, silenceText } from '../ask-all.ts';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { wholeNumber } from '../option-values.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { SAGA_STATES, stateText } from '../sagas.ts';
import { dateTime } from '../time-text.ts';

interface Listed {
  readonly sagas: readonly SagaRow[];
  readonly pauses: Pauses;
}

export const sagasList = defineCommand({
  description:
    "Lists the sagas of all services. 'stuck' ones wait for an operator: see sagas show, retry, skip, edit and resolve. A service\n" +
    'that does not answer is named on standard error and left out.',
  args: [],
  options: {
    ...REMOTE_OPTIONS,
    status: { type: 'string', value: 'STATUS', description: `Only these: ${SAGA_STATES.join(', ')}` },
    kind: { type: 'string', value: 'KIND', description: 'Only sagas of this name, such as place-order' },
    limit: { type: 'string', value: 'N', description: 'At most this many of each service; 50 unless said' },
  },
  examples: ['flotilla sagas list', 'flotilla sagas list --status stuck --json'],
  json: 'One line per saga: {"service":…,"id":…,"kind":…,"key":…,"status":…,"paused":…,"reason":…,"at":…,"updatedAt":…}.',
  run: async ({ options, terminal }) => {
    const { status, kind } = options;
    if (status !== undefined && !SAGA_STATES.includes(status)) {
      throw wrongUsage(`--status wants one of ${SAGA_STATES.join(', ')}, not '${status}'`);
    }
    await using remote = await connectToData(options.data);
    const state = status === 'paused' ? { paused: true } : { status };
    const limit = wholeNumber('limit', options.limit) ?? 50;
    const { answers, silent } = await askAll<Listed>(remote, '$sagas', { ...state, kind, limit });
    printList(terminal, {
      items: answers
        .flatMap(({ service, answer }) => answer.sagas.map((saga) => ({ service, ...saga })))
        .sort((left, right) => right.updatedAt - left.updatedAt),
      heading: ['ID', 'SERVICE', 'KIND', 'KEY', 'STATUS', 'UPDATED', 'REASON'],
      row: ({ id, service, reason, ...saga }) => {
        return [id, service, saga.kind, saga.key, stateText(saga, terminal.style), dateTime(saga.updatedAt), reason ?? ''];
      },
      none: 'No sagas.',
    });
    for (const line of [...answers.flatMap(pauseText), ...silenceText(silent)]) terminal.note(line);
    return EXIT.good;
  },
});

function pauseText({ service, answer: { pauses } }: { service: string; answer: Listed }): string[] {
  const many = `'flotilla sagas resume --service ${service}' lets them go on`;
  if (pauses.service) return [`All sagas of ${service} are paused; ${many}.`];
  return pauses.kinds.map((kind) => `${kind} of ${service} is paused; 'flotilla sagas resume --kind ${kind}' lets it go on.`);
}
