import * as z from 'zod';
import type { CallOptions, Client, Clients } from '../../client/index.ts';
import { type Contract, contract } from '../../contract/index.ts';
import type { EventsOf, Unit } from '../../log/index.ts';
import { saga, type SagaDefinition, type StepClients, type StepSpec } from '../../saga/index.ts';
import type { Gate } from './gate.ts';
import type { Harbour } from './harbour.ts';

const Leg = z.object({ saga: z.string(), step: z.string() });

/** What lies outside the service under test. */
export const harbour = contract('harbour', {
  version: '1.0.0',
  team: 'ashore',
  queries: { loaded: { input: Leg, output: z.boolean() } },
  commands: {
    load: { input: Leg, output: z.object({ step: z.string() }) },
    unload: { input: Leg, output: z.object({ step: z.string() }) },
  },
});

/** The service that owns the saga under test. */
export const shipping = contract('shipping', {
  version: '1.0.0',
  team: 'afloat',
  events: {
    Loaded: { version: 1, schema: Leg },
    Unloaded: { version: 1, schema: Leg },
    Arrived: { version: 1, schema: z.object({ key: z.string() }) },
    Returned: { version: 1, schema: z.object({ key: z.string(), code: z.string() }) },
  },
});

const Input = z.object({ key: z.string() });
type LegSpec = StepSpec<
  z.infer<typeof Input>,
  object,
  { harbour: typeof harbour },
  Unit<unknown, EventsOf<typeof shipping>>,
  { step: string }
>;

const LEGS: readonly string[] = ['one', 'two', 'three', 'four', 'left', 'right', 'inner', 'outer'];
/** Legs that `besideEachOther` makes at the same time. */
export const SIDE_BY_SIDE: ReadonlySet<string> = new Set(['left', 'right']);

/** True for steps with effects; what only waits has none. */
export function isLeg(step: string): boolean {
  return LEGS.includes(step);
}

/** A step with an effect outside and a write of the service's own, both undone by its compensation. */
function leg(step: string, options: { checks?: boolean } = {}): LegSpec {
  return {
    run: ({ sagaId, calls }) => calls.harbour.load({ saga: sagaId, step }),
    commit: (_, { emit }, { input }) => emit('Loaded', { saga: input.key, step }),
    compensate: ({ sagaId, calls }) => calls.harbour.unload({ saga: sagaId, step }),
    undone: ({ emit }, { input }) => emit('Unloaded', { saga: input.key, step }),
    timeout: '2s',
    retry: { attempts: 3, compensations: 4 },
    ...(options.checks && {
      check: async ({ sagaId, calls }) => ((await calls.harbour.loaded({ saga: sagaId, step })) ? { step } : undefined),
    }),
  };
}

const spec = { input: Input, key: ({ key }: z.infer<typeof Input>) => key, calls: { harbour }, contract: shipping };
const Word = z.object({ by: z.string() });

/** A saga of four steps that touches everything that steps can touch. */
export function voyage(options: { pivot?: boolean; checks?: boolean } = {}): SagaDefinition {
  const { pivot = false } = options;
  return saga('voyage', spec)
    .step('one', leg('one', options))
    .step('two', leg('two', options))
    .step('three', { ...leg('three', options), pivot })
    .step('four', leg('four', options))
    .done(({ emit }, { input }) => emit('Arrived', { key: input.key }))
    .compensated(({ emit }, { input, reason }) => emit('Returned', { key: input.key, code: reason.code }));
}

/** Two steps at the same time between two others. */
export const besideEachOther: SagaDefinition = saga('voyage', spec)
  .step('one', leg('one'))
  .parallel((side) => side.step('left', leg('left')).step('right', leg('right')))
  .step('four', leg('four'))
  .done(({ emit }, { input }) => emit('Arrived', { key: input.key }))
  .compensated(({ emit }, { input, reason }) => emit('Returned', { key: input.key, code: reason.code }));

/** Steps with everything between them that a saga can wait for by itself. */
export const stopover: SagaDefinition = saga('voyage', spec)
  .lock('berth', ({ input }) => input.key)
  .step('one', leg('one'))
  .sleep('tide', '5s')
  .step('two', leg('two'))
  .waitFor('word', { schema: Word })
  .step('three', leg('three'))
  .done(({ emit }, { input }) => emit('Arrived', { key: input.key }))
  .compensated(({ emit }, { input, reason }) => emit('Returned', { key: input.key, code: reason.code }));

/** A step, then a word that somebody should say in time. */
export const appointment: SagaDefinition = saga('voyage', spec)
  .step('one', leg('one'))
  .waitFor('word', { schema: Word, timeout: '5s', alert: true })
  .done(({ emit }, { input }) => emit('Arrived', { key: input.key }))
  .compensated(({ emit }, { input, reason }) => emit('Returned', { key: input.key, code: reason.code }));

/** What `convoy` starts and waits for. */
export const tender: SagaDefinition<typeof Input> = saga('tender', { ...spec, key: ({ key }) => `tender of ${key}` })
  .step('inner', leg('inner'))
  .step('outer', leg('outer'));

/** A saga with a child between its steps. */
export const convoy: SagaDefinition = saga('voyage', spec)
  .step('one', leg('one'))
  .child('tender', tender, ({ input }) => input)
  .step('two', leg('two'))
  .done(({ emit }, { input }) => emit('Arrived', { key: input.key }))
  .compensated(({ emit }, { input, reason }) => emit('Returned', { key: input.key, code: reason.code }));

/** The way from a step to the harbour, through the gate of the process that runs it. */
export function clientsTo(shore: Harbour, gate: Gate): StepClients {
  return ({ signal }) => {
    const send =
      (direction: 'run' | 'compensate') =>
      ({ saga, step }: z.infer<typeof Leg>, { idempotencyKey: key = '' }: CallOptions = {}) =>
        gate.call(`${direction} ${step}`, () => shore.take({ saga, step, direction, key }, signal));
    const client: Client<typeof harbour> = {
      load: send('run'),
      unload: send('compensate'),
      loaded: ({ saga, step }) => gate.call(`check ${step}`, () => Promise.resolve(shore.has(saga, step))),
    };
    // The saga under test calls the harbour and nobody else.
    return { harbour: client } as Clients<Record<string, Contract>>;
  };
}
