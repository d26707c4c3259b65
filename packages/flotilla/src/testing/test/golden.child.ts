import * as z from 'zod';
import { contract } from '../../contract/index.ts';
import { aggregate } from '../../log/index.ts';
import { goldenEvents } from '../index.ts';

const notes = contract('notes', {
  version: '1.0.0',
  team: 'paper',
  events: { Noted: { version: 2, schema: z.object({ text: z.string() }) }, Torn: { version: 1, schema: z.null() } },
});
type NoteEvent = { type: 'Noted'; data: { text: string } } | { type: 'Torn'; data: null };

const note = aggregate<number, NoteEvent>('note', {
  initial: 0,
  evolve: (count) => count + 1,
  upcasters: { Noted: { 1: (text: string) => ({ text }) } },
});

goldenEvents({ folder: process.env['GOLDEN_FOLDER']!, of: note, contract: notes });
