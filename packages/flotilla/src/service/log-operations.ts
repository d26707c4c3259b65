import { type Aggregate, fold, type Moment, readUntil } from '../log/index.ts';
import type { ReadModels } from '../projection/index.ts';
import type { Store, StoredEvent } from '../store/index.ts';
import type { ServiceDefinition } from './service.ts';
import type { SystemAnswer, SystemInput } from './system-input.ts';

export interface LogOperationParts {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  readonly readModels: ReadModels;
}

/** A stream for operators: its events as they are stored, and what its aggregate makes of them, if the service lists that. */
export interface StreamAnswer {
  readonly stream: string;
  /** False when it has no events at all, not even later ones. */
  readonly exists: boolean;
  readonly events: readonly StoredEvent[];
  readonly version: number;
  readonly state?: unknown;
}

/** What operators see of a service's log and of its read models, and how they repair those. */
export function logOperations({ definition, store, readModels }: LogOperationParts): Record<string, SystemAnswer> {
  return {
    $events: async (input) => {
      const types = input.optionalList<string>('types');
      const streamPrefix = input.optionalText('streamPrefix');
      const events = await store.events.read({ after: input.number('after', 0), limit: input.limit(), types, streamPrefix });
      return { events, head: await store.events.head() };
    },
    $stream: async (input) => await showStream({ definition, store }, input.text('stream'), momentOf(input)),
    $projections: async () => ({ builds: await readModels.states() }),
    $rebuild: async (input) => ({ build: await readModels.rebuild(input.text('projection')) }),
    $unparkStream: async (input) => {
      await readModels.unpark(input.text('projection'), input.text('stream'));
      return null;
    },
  };
}

function momentOf(input: SystemInput): Moment | undefined {
  const [atVersion, atTime] = [input.optionalNumber('atVersion'), input.optionalNumber('atTime')];
  if (atVersion !== undefined) return { atVersion };
  return atTime === undefined ? undefined : { atTime };
}

async function showStream(
  { definition: { contract, aggregates }, store }: Pick<LogOperationParts, 'definition' | 'store'>,
  stream: string,
  moment?: Moment,
): Promise<StreamAnswer> {
  const events = await readUntil(store.events, stream, moment);
  const exists = events.length > 0 || (await store.events.readStream(stream, { limit: 1 })).length > 0;
  const answer = { stream, exists, events, version: events.at(-1)?.version ?? 0 };
  const of: Aggregate | undefined = aggregates.find(({ name }) => stream.startsWith(`${name}:`));
  if (!of) return answer;
  const start = { state: of.initial, version: 0, from: 0 };
  return { ...answer, state: fold({ of, contract }, start, events).state };
}
