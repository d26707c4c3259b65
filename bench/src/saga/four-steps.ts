import { contract } from 'flotilla/contract';
import { saga } from 'flotilla/saga';
import * as z from 'zod';

export const voyages = contract('voyages', { version: '1.0.0', team: 'bench' });

export const STEPS = 4;

/** Steps that do nothing, so that only their durability is left: claim, journal before, journal after, end. */
export const fourSteps = saga('four-steps', { input: z.object({ id: z.string() }), key: ({ id }) => id })
  .step('load', { run: async () => null, compensate: async () => undefined })
  .step('sail', { run: async () => null, compensate: async () => undefined })
  .step('land', { run: async () => null, compensate: async () => undefined })
  .step('unload', { run: async () => null });
