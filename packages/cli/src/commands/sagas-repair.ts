import { userInfo } from 'node:os';
import type { SagaRow } from 'flotilla/store';
import { type Command, defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { findSaga, statusStyle } from '../sagas.ts';

type Act = 'retry' | 'skip' | 'resolve';

interface RepairText {
  act: Act;
  description: string;
  /** Leaving something undone wants a reason; it goes into the audit. */
  needsReason: boolean;
  example: string;
}

export const sagasRetry = repairCommand({
  act: 'retry',
  description: 'For when the cause is mended: the step that the saga is stuck at is tried again, as often as the first time.',
  needsReason: false,
  example: '',
});

export const sagasSkip = repairCommand({
  act: 'skip',
  description: 'For when the step was seen to by hand: the saga goes on behind it. The reason is kept for the audit.',
  needsReason: true,
  example: ' --reason "refunded in the bank\'s own console, ticket 4711"',
});

export const sagasResolve = repairCommand({
  act: 'resolve',
  description: 'For when all the rest was seen to by hand: nothing of the saga runs any more. The reason is kept for the audit.',
  needsReason: true,
  example: ' --reason "the customer was called and compensated, ticket 4711"',
});

function repairCommand({ act, description, needsReason, example }: RepairText): Command {
  return defineCommand({
    description,
    args: [{ name: 'ID', description: 'The id of a stuck saga' }],
    options: {
      ...REMOTE_OPTIONS,
      reason: { type: 'string', value: 'TEXT', description: `Why, for the audit${needsReason ? ' (required)' : ''}` },
      operator: { type: 'string', value: 'NAME', description: 'Who, for the audit; your user name unless said' },
    },
    examples: [`flotilla sagas ${act} 01930b2e-7c1f-7a52-9c6e-3f8a52e4d901${example}`],
    json: 'One line: the saga as it is now, {"service":…,"saga":{…}}.',
    run: async ({ args: [id], options, terminal }) => {
      const { reason, operator = userInfo().username } = options;
      if (needsReason && !reason?.trim()) throw wrongUsage('--reason is missing: say why, for the audit');
      await using remote = await connectToData(options.data);
      const { service } = await findSaga(remote, id!);
      const answer = await remote.call({ service, operation: '$repair' }, { id, act, reason, operator });
      const { saga } = answer as { saga: SagaRow };
      const status = terminal.style(statusStyle(saga.status), saga.status);
      terminal.answer({ service, saga }, `${saga.kind} ${saga.id} of ${service} is ${status} now.`);
      return EXIT.good;
    },
  });
}
