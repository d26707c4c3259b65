import { FlotillaError, isFlotillaError } from 'flotilla/kernel';
import type { JournalEntry, SagaRow } from 'flotilla/store';
import type { Remote } from './remote.ts';

/** A saga and the service that runs it. */
export interface FoundSaga {
  readonly service: string;
  readonly saga: SagaRow;
  readonly journal: readonly JournalEntry[];
}

/** Asks every service for the saga. Throws `SAGA_NOT_FOUND`. */
export async function findSaga(remote: Remote, id: string): Promise<FoundSaga> {
  const answers = await Promise.all(remote.services.map((service) => sagaOf(remote, service, id)));
  const found = answers.find((answer) => answer !== undefined);
  if (found) return found;
  const message = `No service of the running system has a saga '${id}'. 'flotilla sagas list' shows their ids.`;
  throw new FlotillaError('SAGA_NOT_FOUND', { kind: 'not-found', message });
}

async function sagaOf(remote: Remote, service: string, id: string): Promise<FoundSaga | undefined> {
  try {
    // System operations keep the shapes of the store's port.
    const answer = (await remote.call({ service, operation: '$saga' }, { id })) as Omit<FoundSaga, 'service'>;
    return { service, ...answer };
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'SAGA_NOT_FOUND') return undefined;
    throw error;
  }
}

const STATUS_STYLES = {
  done: 'green',
  compensated: 'yellow',
  stuck: 'red',
  compensating: 'yellow',
  ready: 'cyan',
  running: 'cyan',
  waiting: 'cyan',
} as const satisfies Record<SagaRow['status'], string>;

/** The colour that says how a saga is doing. */
export function statusStyle(status: SagaRow['status']): (typeof STATUS_STYLES)[SagaRow['status']] {
  return STATUS_STYLES[status];
}
