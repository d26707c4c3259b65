import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { deadline, saga, type SagaResults, type SagaSignals } from './index.ts';

// Nothing here runs: the compiler is the test. `@ts-expect-error` fails where the misuse would be accepted.

type Equal<TLeft, TRight> = (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
function holds<_T extends true>(): void {}

const post = contract('post', {
  version: '1.0.0',
  team: 'post',
  events: {
    Sent: { version: 1, schema: z.object({ parcel: z.string(), weight: z.number() }) },
    Arrived: { version: 1, schema: z.object({ parcel: z.string() }) },
  },
});

const Order = z.object({ id: z.string(), total: z.number() });
const base = saga('order', { input: Order, key: ({ id }) => id, contract: post });

// Results of steps side by side are known by their names, and to nobody beside them.
const grouped = base.step('first', { run: () => 7 }).parallel((side) =>
  side
    .step('left', { run: ({ results }) => `${results.first satisfies number}`, commit: (output) => output satisfies string })
    .step('right', {
      run: async ({ input }) => ({ ok: input.total > 1 }),
      compensate: async ({ results }) => results.first satisfies number | undefined,
    }),
);
holds<Equal<SagaResults<typeof grouped>['left'], string>>();
holds<Equal<SagaResults<typeof grouped>['right'], { ok: boolean }>>();
// @ts-expect-error -- steps side by side do not see each other's results
base.parallel((side) => side.step('left', { run: () => 1 }).step('right', { run: ({ results }) => results.left }));

// What was said is the result; without it where nobody need say anything.
const waiting = base
  .waitFor('approval', { schema: z.object({ by: z.string() }) })
  .waitFor('tip', { schema: z.number(), timeout: '1h', onTimeout: 'go-on' })
  .waitFor('look', { schema: z.boolean(), when: ({ input, results }) => input.total > results.approval.by.length })
  .waitFor('sent', { event: post.events.Sent, key: ({ parcel }) => parcel });
holds<Equal<SagaResults<typeof waiting>['approval'], { by: string }>>();
holds<Equal<SagaResults<typeof waiting>['tip'], number | undefined>>();
holds<Equal<SagaResults<typeof waiting>['look'], boolean | undefined>>();
holds<Equal<SagaResults<typeof waiting>['sent'], { parcel: string; weight: number }>>();
holds<Equal<keyof SagaSignals<typeof waiting>, 'approval' | 'tip' | 'look' | 'sent'>>();
// @ts-expect-error -- the key of an event is text
base.waitFor('sent', { event: post.events.Sent, key: ({ weight }) => weight });

// A child's results are the result of its step, and its input is checked.
const parent = base.child('errand', grouped, ({ input }) => input).sleep('night', ({ results }) => results.errand.first);
holds<Equal<SagaResults<typeof parent>['errand']['left'], string>>();
// @ts-expect-error -- a child wants its own input
base.child('errand', grouped, ({ input }) => input.id);
// @ts-expect-error -- a resource is text
base.lock('table', ({ input }) => input.total);
base.startOn(post.events.Sent, ({ parcel, weight }) => ({ id: parcel, total: weight }));
// @ts-expect-error -- an event that starts a saga brings its input
base.startOn(post.events.Arrived, ({ parcel }) => ({ id: parcel }));

deadline('arrives', {
  from: { event: post.events.Sent, key: ({ parcel }) => parcel },
  // @ts-expect-error -- each key is of its own event
  to: { event: post.events.Arrived, key: ({ weight }) => weight },
  within: '1d',
});
