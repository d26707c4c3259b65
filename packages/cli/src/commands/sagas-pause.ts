import type { SagaRow } from 'flotilla/store';
import { AUDIT_OPTIONS, auditOf } from '../audit.ts';
import { type Command, defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { connectToData, type Remote, REMOTE_OPTIONS } from '../remote.ts';
import { answerSaga, findSaga } from '../sagas.ts';

export const sagasPause = pauseCommand('pause', {
  description:
    'Holds sagas back: the step under way finishes, and no other begins until they are resumed. One saga, all of a kind, or all of a\n' +
    'service; also those that start meanwhile, and after a restart.',
  done: 'paused',
});

export const sagasResume = pauseCommand('resume', {
  description: 'Lets sagas go on that were paused: the same one, kind or service. What came due meanwhile is due now.',
  done: 'resumed',
});

function pauseCommand(act: 'pause' | 'resume', { description, done }: { description: string; done: string }): Command {
  return defineCommand({
    description,
    args: [{ name: 'ID', description: 'The id of a saga', isOptional: true }],
    options: {
      ...REMOTE_OPTIONS,
      kind: { type: 'string', value: 'KIND', description: 'All sagas of this name, wherever they run' },
      service: { type: 'string', value: 'SERVICE', description: 'All sagas of this service' },
      ...AUDIT_OPTIONS,
    },
    examples: [`flotilla sagas ${act} --kind place-order`, `flotilla sagas ${act} --service orders`],
    json: 'One line: the saga as it is now, or {"service":…,"kind":…,"changed":…} for each service.',
    run: async ({ args: [id], options, terminal }) => {
      const { kind, service } = options;
      if ([id, kind, service].filter((one) => one !== undefined).length !== 1) {
        throw wrongUsage('Say which sagas: an ID, --kind or --service');
      }
      const audit = auditOf(options);
      await using remote = await connectToData(options.data);
      if (id !== undefined) {
        const found = await findSaga(remote, id);
        const answer = await remote.call({ service: found.service, operation: '$pause' }, { act, id, ...audit });
        answerSaga(terminal, { service: found.service, ...(answer as { saga: SagaRow }) });
        return EXIT.good;
      }
      for (const one of await servicesOf(remote, { kind, service })) {
        const answer = (await remote.call({ service: one, operation: '$pause' }, { act, kind, ...audit })) as {
          changed: boolean;
        };
        const what = kind === undefined ? `All sagas of ${one} are` : `${kind} of ${one} is`;
        terminal.answer({ service: one, kind, ...answer }, `${what} ${answer.changed ? done : `${done} already`}.`);
      }
      return EXIT.good;
    },
  });
}

/** Where a pause is kept: a kind may have sagas in several services. */
async function servicesOf(remote: Remote, { kind, service }: { kind?: string | undefined; service?: string | undefined }) {
  if (service !== undefined) {
    const isHere = remote.services.includes(service);
    if (!isHere) throw wrongUsage(`'${service}' does not run here; there is: ${remote.services.join(', ')}`);
    return [service];
  }
  const answers = await Promise.all(remote.services.map((one) => hasKind(remote, one, kind!)));
  const having = remote.services.filter((_, index) => answers[index]);
  if (having.length === 0) throw wrongUsage(`No service has a saga of the kind '${kind}'`);
  return having;
}

async function hasKind(remote: Remote, service: string, kind: string): Promise<boolean> {
  const { kinds } = (await remote.call({ service, operation: '$kinds' }, {})) as { kinds: string[] };
  return kinds.includes(kind);
}
