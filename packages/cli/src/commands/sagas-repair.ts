import type { SagaRow } from 'flotilla/store';
import { askAll } from '../ask-all.ts';
import { type Audit, AUDIT_OPTIONS, auditOf } from '../audit.ts';
import { type ArgumentSpec, type Command, defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonValue } from '../option-values.ts';
import { connectToData, type Remote, REMOTE_OPTIONS } from '../remote.ts';
import { answerSaga, findSaga } from '../sagas.ts';

const ID = '01930b2e-7c1f-7a52-9c6e-3f8a52e4d901';
const JSON_LINE = 'One line for each: the saga as it is now, {"service":…,"saga":{…}}.';
/** More than anybody looks at one by one. */
const AT_ONCE = 1_000;

export const sagasRetry = defineCommand({
  description:
    'For when the cause is mended: the step that a saga is stuck at is tried again, as often as the first time. Several ids, or\n' +
    '--all, retry several; with --kind only sagas of that name.',
  args: [{ name: 'ID', description: 'The id of a stuck saga', isOptional: true, isMany: true }],
  options: {
    ...REMOTE_OPTIONS,
    all: { type: 'boolean', description: 'Every saga that is stuck' },
    kind: { type: 'string', value: 'KIND', description: 'With --all: only sagas of this name' },
    ...AUDIT_OPTIONS,
  },
  examples: [`flotilla sagas retry ${ID}`, 'flotilla sagas retry --all --kind place-order --reason "the bank is back"'],
  json: JSON_LINE,
  run: async ({ args: ids, options, terminal }) => {
    if (options.all === ids.length > 0) throw wrongUsage('Name the sagas to retry, or say --all');
    if (options.kind !== undefined && !options.all) throw wrongUsage('--kind goes with --all');
    const audit = auditOf(options);
    await using remote = await connectToData(options.data);
    const targets = options.all
      ? await stuckSagas(remote, options.kind)
      : await Promise.all(ids.map((id) => placeOf(remote, id)));
    if (targets.length === 0) terminal.note('No saga is stuck.');
    for (const target of targets) answerSaga(terminal, await repair(remote, { ...target, act: 'retry', ...audit }));
    return EXIT.good;
  },
});

/** A repair by hand of one saga that is stuck. It goes into the audit with the reason. */
interface ByHand {
  readonly description: string;
  readonly act: 'skip' | 'edit' | 'resolve';
  /** What the repair wants to know besides the id, as JSON. */
  readonly output?: ArgumentSpec;
  readonly example: string;
}

function repairByHand({ description, act, output, example }: ByHand): Command {
  return defineCommand({
    description,
    args: [{ name: 'ID', description: 'The id of a stuck saga' }, ...(output ? [output] : [])],
    options: { ...REMOTE_OPTIONS, ...AUDIT_OPTIONS },
    examples: [`flotilla sagas ${act} ${ID} ${example}`],
    json: JSON_LINE,
    run: async ({ args: [id, text], options, terminal }) => {
      const audit = auditOf(options, true);
      const given = output && { output: jsonValue(output.name, text!) };
      await using remote = await connectToData(options.data);
      answerSaga(terminal, await repair(remote, { ...(await placeOf(remote, id!)), act, ...given, ...audit }));
      return EXIT.good;
    },
  });
}

export const sagasSkip = repairByHand({
  description: 'For when the step was seen to by hand: the saga goes on behind it. The reason is kept for the audit.',
  act: 'skip',
  example: `--reason "refunded in the bank's own console, ticket 4711"`,
});

export const sagasEdit = repairByHand({
  description:
    'For when the step was seen to by hand and later ones need what it returned: the saga goes on as if it had returned this. The\n' +
    'output and the reason are kept for the audit.',
  act: 'edit',
  output: { name: 'OUTPUT', description: 'What the step is taken to have returned, as JSON' },
  example: `'{"parcel":"P-17"}' --reason "booked by phone"`,
});

export const sagasResolve = repairByHand({
  description: 'For when all the rest was seen to by hand: nothing of the saga runs any more. The reason is kept for the audit.',
  act: 'resolve',
  example: '--reason "the customer was called and compensated, ticket 4711"',
});

interface Place {
  readonly service: string;
  readonly id: string;
}

async function placeOf(remote: Remote, id: string): Promise<Place> {
  return { service: (await findSaga(remote, id)).service, id };
}

async function stuckSagas(remote: Remote, kind: string | undefined): Promise<Place[]> {
  const { answers } = await askAll<{ sagas: SagaRow[] }>(remote, '$sagas', { status: 'stuck', kind, limit: AT_ONCE });
  return answers.flatMap(({ service, answer }) => answer.sagas.map(({ id }) => ({ service, id })));
}

type Repair = Place & Audit & { readonly act: 'retry' | 'skip' | 'edit' | 'resolve'; readonly output?: unknown };

async function repair(remote: Remote, { service, ...input }: Repair): Promise<{ service: string; saga: SagaRow }> {
  const { saga } = (await remote.call({ service, operation: '$repair' }, input)) as { saga: SagaRow };
  return { service, saga };
}
