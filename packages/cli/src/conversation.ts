import type { SagaMeta } from 'flotilla/saga';
import type { ClaimedSaga, JournalEntry, StoredEvent } from 'flotilla/store';
import type { Terminal } from './terminal.ts';
import { lengthOfTime, timeOfDay } from './time-text.ts';

/** What one service knows of a conversation. */
export interface ConversationPart {
  readonly events: readonly StoredEvent[];
  readonly sagas: readonly ClaimedSaga[];
}

/** Something that happened in a conversation. */
export interface Moment {
  readonly at: number;
  readonly service: string;
  /** The type of an event, `saga place-order`, or `step charge-payment ok`. */
  readonly what: string;
  readonly kind: 'event' | 'saga' | 'step';
  /** Of an event or a saga; what it led to names it. */
  readonly id: string;
  readonly causedBy: string | undefined;
  readonly detail?: string | undefined;
}

/** All that happened, in order of time. */
export function momentsOf(parts: readonly (ConversationPart & { readonly service: string })[]): Moment[] {
  const moments = parts.flatMap(({ service, events, sagas }) => [
    ...events.map((event) => eventMoment(service, event)),
    ...sagas.flatMap((saga) => sagaMoments(service, saga)),
  ]);
  return moments.sort((left, right) => left.at - right.at);
}

function eventMoment(service: string, { id, type, at, meta, data }: StoredEvent): Moment {
  return { at, service, what: type, kind: 'event', id, causedBy: meta.causationId, detail: JSON.stringify(data) };
}

function sagaMoments(service: string, { saga, journal }: ClaimedSaga): Moment[] {
  const { id, kind, key, status, paused, at } = saga;
  // Every saga remembers what started it.
  const { causationId: causedBy } = saga.meta as SagaMeta;
  const detail = `${key}: ${paused ? 'paused' : status}`;
  const begun: Moment = { at, service, what: `saga ${kind}`, kind: 'saga', id, causedBy, detail };
  const ends = journal.filter((entry) => entry.status !== 'started' || !isOver(journal, entry));
  return [begun, ...ends.map((entry) => stepMoment(service, id, entry))];
}

function isOver(journal: readonly JournalEntry[], { step, direction, attempt }: JournalEntry): boolean {
  return journal.some((entry) => {
    return entry.step === step && entry.direction === direction && entry.attempt === attempt && entry.status !== 'started';
  });
}

function stepMoment(service: string, saga: string, { step, direction, attempt, status, at, error }: JournalEntry): Moment {
  const what = `${direction === 'compensate' ? 'undo' : 'step'} ${step} ${status}`;
  const { code } = (error ?? {}) as { code?: string };
  return {
    at,
    service,
    what,
    kind: 'step',
    id: `${saga} ${step} ${direction} ${attempt} ${status}`,
    causedBy: saga,
    detail: code,
  };
}

/** The conversation as a tree: each moment under what caused it, siblings in order of time. */
export function drawConversation(moments: readonly Moment[], style: Terminal['style']): string[] {
  const begun = moments[0]!.at;
  const known = new Set(moments.map(({ id }) => id));
  const under = Map.groupBy(moments, ({ causedBy }) => (causedBy !== undefined && known.has(causedBy) ? causedBy : ''));
  const draw = (cause: string, indent: string): string[] =>
    (under.get(cause) ?? []).flatMap((moment) => [line(moment, indent), ...draw(moment.id, `${indent}  `)]);
  const line = ({ at, service, what, kind, detail }: Moment, indent: string): string => {
    const when = style('dim', `${timeOfDay(at)} +${lengthOfTime(at - begun).padEnd(7)}`);
    const said = detail === undefined ? '' : style('dim', ` ${detail}`);
    return `${when} ${service.padEnd(13)} ${indent}${style(kind === 'step' ? 'dim' : 'cyan', what)}${said}`;
  };
  return draw('', '');
}
