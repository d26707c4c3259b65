import { FlotillaError } from 'flotilla/kernel';
import type { ClaimedSaga, SagaRow, SagaStatus } from 'flotilla/store';
import { askAll } from './ask-all.ts';
import type { Remote } from './remote.ts';
import type { Terminal } from './terminal.ts';

/** A saga and the service that runs it. */
export interface FoundSaga extends Omit<ClaimedSaga, 'signals'> {
  readonly service: string;
  readonly signals?: ClaimedSaga['signals'];
}

/** Asks every service for the saga. Throws `SAGA_NOT_FOUND`, which names services that did not answer. */
export async function findSaga(remote: Remote, id: string): Promise<FoundSaga> {
  const { answers, silent } = await askAll<ClaimedSaga>(remote, '$saga', { id });
  const [found] = answers;
  if (found) return { service: found.service, ...found.answer };
  const unheard = silent.filter(({ why }) => !why.includes(id)).map(({ service }) => service);
  const but = unheard.length === 0 ? '' : ` ${unheard.join(', ')} did not answer.`;
  const message = `No service of the running system has a saga '${id}'.${but} 'flotilla sagas list' shows their ids.`;
  throw new FlotillaError('SAGA_NOT_FOUND', { kind: 'not-found', message });
}

const STATUS_STYLES = {
  done: 'green',
  compensated: 'yellow',
  cancelled: 'yellow',
  stuck: 'red',
  compensating: 'yellow',
  ready: 'cyan',
  running: 'cyan',
  waiting: 'cyan',
  paused: 'magenta',
} as const satisfies Record<SagaStatus | 'paused', string>;

export const SAGA_STATES: readonly string[] = Object.keys(STATUS_STYLES);

/** How a saga is doing, in its colour. */
export function stateText({ status, paused }: Pick<SagaRow, 'status' | 'paused'>, style: Terminal['style']): string {
  const state = paused ? 'paused' : status;
  return style(STATUS_STYLES[state], state);
}

/** Prints what became of a saga. */
export function answerSaga(terminal: Terminal, { service, saga }: { service: string; saga: SagaRow }): void {
  const { kind, id } = saga;
  terminal.answer({ service, saga }, `${kind} ${id} of ${service} is ${stateText(saga, terminal.style)} now.`);
}
