import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { aggregate } from '../log/index.ts';
import type { StoredEvent } from '../store/index.ts';
import { presentEvents } from './present-events.ts';
import { service } from './index.ts';

const Text = z.object({ text: z.string() });
const notes = contract('notes', {
  version: '1.0.0',
  team: 'paper',
  events: { Noted: { version: 2, schema: Text }, Torn: { version: 2, schema: Text } },
});
const note = aggregate<number, { type: 'Noted'; data: { text: string } }>('note', {
  initial: 0,
  evolve: (count) => count + 1,
  upcasters: { Noted: { 1: (text: string) => ({ text }) } },
});
const upcasters = { Torn: { 1: (text: string) => ({ text: `torn: ${text}` }) } };

function event(set: Partial<StoredEvent>): StoredEvent {
  const meta = { correlationId: 'c' };
  return { type: 'Noted', schemaVersion: 1, id: 'e', data: 'hi', meta, at: 1, position: 1, stream: 'note:1', version: 1, ...set };
}

const present = presentEvents(service(notes, { aggregates: [note], upcasters, handlers: {} }));

test('events leave in the present version, whether they belong to an aggregate or not', () => {
  assert.deepEqual(present(event({})), event({ schemaVersion: 2, data: { text: 'hi' } }));
  const torn = { type: 'Torn', stream: undefined, version: undefined };
  assert.deepEqual(present(event(torn)).data, { text: 'torn: hi' });
  const fresh = event({ schemaVersion: 2, data: { text: 'new' } });
  assert.equal(present(fresh), fresh);
});

test('an event that newer code wrote beside this one leaves as it is', () => {
  const newer = event({ schemaVersion: 3, data: { lines: [] } });
  assert.equal(present(newer), newer);
});

test('an old version without an upcaster stays until there is one', () => {
  assert.throws(() => present(event({ stream: 'other:1' })), { code: 'UNKNOWN_EVENT_VERSION', message: /version 1 of Noted/ });
});

test('upcasters that lead to another version than the contract declares are refused at the start', () => {
  const ahead = { ...note, upcasters: { Noted: { 1: () => null, 2: () => null } } };
  assert.throws(() => service(notes, { aggregates: [ahead], handlers: {} }), {
    code: 'INVALID_AGGREGATE',
    message: /notes\.Noted has version 2, but its upcasters in 'note' lead to 3/,
  });
  assert.throws(() => service(notes, { upcasters: { Torn: { 2: () => null } }, handlers: {} }), { code: 'INVALID_AGGREGATE' });
});
