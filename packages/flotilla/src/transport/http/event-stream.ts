import type { Clock } from '../../kernel/index.ts';
import { problemResponse, type ProblemOptions } from './problem.ts';

/** Silence shorter than what proxies on the way, and phones, put up with. */
const SILENCE_MS = 15_000;

export const EVENT_STREAM = 'text/event-stream';

export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-store',
};

/**
 * Items as server-sent events (the HTML standard): a `data` line with the JSON of each, a comment in long silence, and at last an
 * event `end`, or an event `problem` with what went wrong. A stream that just ends was cut off; browsers then ask again by themselves.
 */
export async function* eventStream(
  items: AsyncGenerator<unknown, void>,
  { clock, ...problem }: ProblemOptions & { readonly clock: Clock },
): AsyncGenerator<string, void> {
  try {
    for await (const item of withSilences(items, clock)) {
      yield item === undefined ? ': \n\n' : `data: ${JSON.stringify(item)}\n\n`;
    }
    yield 'event: end\ndata: null\n\n';
  } catch (thrown) {
    yield `event: problem\ndata: ${String(problemResponse(thrown, problem).body)}\n\n`;
  }
}

/** The items, and in between `undefined` wherever nothing comes for long. */
async function* withSilences(items: AsyncGenerator<unknown, void>, clock: Clock): AsyncGenerator<unknown, void> {
  try {
    for (;;) {
      const next = items.next();
      let result: IteratorResult<unknown, void> | undefined;
      while (!(result = await unlessSilent(next, clock))) yield undefined;
      if (result.done) return;
      yield result.value ?? null;
    }
  } finally {
    await items.return();
  }
}

/** Undefined when it takes too long; it may be asked for again. */
async function unlessSilent<TResult>(result: Promise<TResult>, clock: Clock): Promise<TResult | undefined> {
  const silence = Promise.withResolvers<undefined>();
  using _timer = clock.timer(SILENCE_MS, () => silence.resolve(undefined));
  return await Promise.race([result, silence.promise]);
}
