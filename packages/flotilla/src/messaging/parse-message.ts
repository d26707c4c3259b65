import { FlotillaError } from '../kernel/index.ts';
import type { EventMessage } from './event-message.ts';

const LONGEST_TEXT = 512;

type Rule = (value: unknown) => boolean;

const text: Rule = (value) => typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT;
const optionalText: Rule = (value) => value === undefined || text(value);

const ENVELOPE: Readonly<Record<Exclude<keyof EventMessage, 'data'>, readonly [Rule, string]>> = {
  specversion: [(value) => value === '1.0', "must be '1.0'"],
  id: [text, 'must be text'],
  source: [(value) => text(value) && /^\/[a-z]/.test(String(value)), "must be the publisher, such as '/orders'"],
  type: [(value) => text(value) && /^[^.]+\.[^.]+$/.test(String(value)), "must be 'service.Event'"],
  time: [(value) => text(value) && !Number.isNaN(Date.parse(String(value))), 'must be a time by RFC 3339'],
  dataschemaversion: [(value) => Number.isSafeInteger(value) && Number(value) >= 1, 'must be a whole number from 1'],
  sequence: [(value) => text(value) && /^\d{1,16}$/.test(String(value)), 'must be decimal digits'],
  partitionkey: [optionalText, 'must be text'],
  traceparent: [optionalText, 'must be text'],
  correlationid: [text, 'must be text'],
  causationid: [optionalText, 'must be text'],
};

/** Checks the envelope of a message from outside; its data is checked by the event's schema later. Fields we don't know are let be. */
export function parseMessage(value: unknown): EventMessage {
  if (typeof value !== 'object' || value === null) throw invalid('it must be an object');
  const fields = value as Record<string, unknown>;
  for (const [name, [holds, rule]] of Object.entries(ENVELOPE)) {
    if (!holds(fields[name])) throw invalid(`'${name}' ${rule}`);
  }
  if (fields['data'] === undefined) throw invalid("'data' is missing");
  // Each field was just checked against the type.
  return value as EventMessage;
}

/** Checks a batch; one malformed envelope refuses it whole, because nothing can be said about what it should have been. */
export function parseBatch(value: unknown): EventMessage[] {
  if (!Array.isArray(value)) throw invalid('a batch must be a list');
  return value.map(parseMessage);
}

function invalid(why: string): FlotillaError {
  return new FlotillaError('INVALID_MESSAGE', { kind: 'invalid', message: `This is not an event message: ${why}.` });
}
