import type { SagaRow } from 'flotilla/store';
import { AUDIT_OPTIONS, auditOf } from '../audit.ts';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonValue } from '../option-values.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { answerSaga, findSaga } from '../sagas.ts';

const ID = '01930b2e-7c1f-7a52-9c6e-3f8a52e4d901';
const JSON_LINE = 'One line: the saga as it is now, {"service":…,"saga":{…}}.';

export const sagasCancel = defineCommand({
  description:
    'Turns a saga back at whatever step it is: all that was done, or may have been, is undone, and it ends as cancelled. Refused\n' +
    'when the saga has passed its point of no return.',
  args: [{ name: 'ID', description: 'The id of a saga that has not ended' }],
  options: { ...REMOTE_OPTIONS, ...AUDIT_OPTIONS },
  examples: [`flotilla sagas cancel ${ID} --reason "ordered twice"`],
  json: JSON_LINE,
  run: async ({ args: [id], options, terminal }) => {
    await using remote = await connectToData(options.data);
    const { service } = await findSaga(remote, id!);
    const answer = await remote.call({ service, operation: '$cancel' }, { id, ...auditOf(options) });
    answerSaga(terminal, { service, ...(answer as { saga: SagaRow }) });
    return EXIT.good;
  },
});

export const sagasSignal = defineCommand({
  description:
    'Tells a saga what it waits for: a decision, or news that came by other ways. It may be told before it asks. What does not fit\n' +
    'is refused.',
  args: [
    { name: 'ID', description: 'The id of a saga' },
    { name: 'NAME', description: 'The name of the wait, as sagas show prints it' },
    { name: 'JSON', description: 'What it is told' },
  ],
  options: { ...REMOTE_OPTIONS, ...AUDIT_OPTIONS },
  examples: [`flotilla sagas signal ${ID} approval '{"approved":true}'`],
  json: JSON_LINE,
  run: async ({ args: [id, name, text], options, terminal }) => {
    const data = jsonValue('JSON', text!);
    await using remote = await connectToData(options.data);
    const { service } = await findSaga(remote, id!);
    const answer = await remote.call({ service, operation: '$signal' }, { id, name, data, ...auditOf(options) });
    answerSaga(terminal, { service, ...(answer as { saga: SagaRow }) });
    return EXIT.good;
  },
});

export const sagasFork = defineCommand({
  description:
    'Starts a new saga that takes over what the steps before --from did, and runs the rest anew. The old one stays as it is; it must\n' +
    'have ended or be stuck, and those steps must not have been undone.',
  args: [{ name: 'ID', description: 'The id of a saga' }],
  options: {
    ...REMOTE_OPTIONS,
    from: { type: 'string', value: 'STEP', description: 'The first step to run anew (required)' },
    ...AUDIT_OPTIONS,
  },
  examples: [`flotilla sagas fork ${ID} --from ship-order --reason "the parcel was lost"`],
  json: 'One line: {"service":…,"fork":…}, the id of the new saga.',
  run: async ({ args: [id], options, terminal }) => {
    const { from } = options;
    if (from === undefined) throw wrongUsage('--from is missing: the first step to run anew');
    await using remote = await connectToData(options.data);
    const { service } = await findSaga(remote, id!);
    const answer = await remote.call({ service, operation: '$fork' }, { id, from, ...auditOf(options) });
    const { fork } = answer as { fork: string };
    terminal.answer({ service, fork }, `Saga ${fork} of ${service} goes on from ${from}.`);
    return EXIT.good;
  },
});
