import type { SagaRow, SagaScope } from '../store/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { SagaDesk } from './joint-write.ts';
import { type Act, operate } from './operate.ts';

export type PauseAct = 'pause' | 'resume';

/** The service or a kind, held back or let go. */
export interface WidePause extends Omit<Act, 'id'> {
  readonly act: PauseAct;
  readonly scope: Exclude<SagaScope, { id: string }>;
}

const EVENTS = { pause: 'saga.paused', resume: 'saga.resumed' } as const;

/**
 * Holds one saga back before its next step, or lets it go on. Throws `SAGA_NOT_FOUND`, and `SAGA_NOT_PAUSABLE` for one that is at
 * rest, or is paused already, or is not.
 */
export async function pauseSaga(desk: SagaDesk, act: PauseAct, { id, operator, reason }: Act): Promise<SagaRow> {
  return await operate(desk, id, async (tx, { saga }) => {
    if (!(await tx.sagas[act]({ id }))) throw notPausable(saga, act);
    return { type: EVENTS[act], data: { operator, reason } };
  });
}

/** As `pauseSaga`, for many. False when that changed nothing. */
export async function pauseMany({ store, runtime }: SagaDesk, { act, scope, operator, reason }: WidePause): Promise<boolean> {
  return await store.transact(async (tx) => {
    if (!(await tx.sagas[act](scope))) return false;
    const type = act === 'pause' ? 'sagas.paused' : 'sagas.resumed';
    const data = { kind: 'kind' in scope ? scope.kind : undefined, operator, reason };
    const id = runtime.ids();
    const event = { type, schemaVersion: 1, id, data, meta: { correlationId: id, actor: operator }, at: runtime.clock.now() };
    await tx.events.append({ events: [event] });
    return true;
  });
}

function notPausable({ id, status, paused }: SagaRow, act: PauseAct): FlotillaError {
  const message =
    act === 'resume'
      ? `Saga '${id}' is not paused by itself. Its kind or the service may be: see 'flotilla sagas list'.`
      : `Saga '${id}' is ${paused ? 'paused already' : `${status}: there is nothing to hold back`}.`;
  return new FlotillaError('SAGA_NOT_PAUSABLE', { kind: 'conflict', message, details: { status, paused } });
}
