import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import type { Call, ItemsHandler } from '../transport/index.ts';
import { suiteContract } from './transport-suite-far-side.ts';
import { type OpenTransport, suiteCall } from './transport-suite-setting.ts';
import { until } from './until.ts';

const never = new AbortController().signal;
const nothing = async (): Promise<never> => {
  throw new FlotillaError('NOT_ASKED', { kind: 'internal', message: 'Nobody should call.' });
};

/** A transport to a far side that answers with items, and what becomes of it. */
async function openItems(open: OpenTransport, tell: (call: Call, signal: AbortSignal) => AsyncGenerator<unknown, void>) {
  const state = { yielded: 0, ended: 0, reasons: [] as unknown[] };
  const subscribe: ItemsHandler = async (call, signal) => {
    signal.addEventListener('abort', () => state.reasons.push(signal.reason), { once: true });
    return counted(tell(call, signal), state);
  };
  const transport = await open({ contract: suiteContract, call: nothing, subscribe });
  return {
    state,
    ask: (input?: unknown, signal = never, metadata: Partial<Call['metadata']> = {}) =>
      transport.subscribe(suiteCall('echo', input, metadata), signal),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

async function* counted(items: AsyncGenerator<unknown, void>, state: { yielded: number; ended: number }) {
  try {
    for await (const item of items) {
      state.yielded += 1;
      yield item;
    }
  } finally {
    state.ended += 1;
  }
}

async function* forever(item: unknown): AsyncGenerator<unknown, void> {
  for (;;) {
    await new Promise(setImmediate);
    yield item;
  }
}

/** Tells this much, then nothing more, without an end. */
async function* silentAfter(...items: unknown[]): AsyncGenerator<unknown, void> {
  yield* items;
  await new Promise(() => undefined);
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Items arrive whole, in order, as copies, and their end is their end. */
export function itemsTravel(open: OpenTransport): void {
  it('carries items in their order, however many', async () => {
    await using far = await openItems(open, async function* ({ input }) {
      for (let index = 0; index < (input as number); index += 1) {
        if (index % 10 === 0) await new Promise(setImmediate);
        yield { index };
      }
    });
    for (const count of [0, 1, 1_000]) {
      assert.deepEqual(
        await collect(await far.ask(count)),
        Array.from({ length: count }, (_, index) => ({ index })),
      );
    }
  });

  it('shares no item with the far side, and knows JSON only', async () => {
    const item = { list: [1], at: new Date(0) };
    await using far = await openItems(open, async function* () {
      yield item;
      yield undefined;
    });
    const [first, second] = await collect(await far.ask());
    (first as typeof item).list.push(2);
    assert.deepEqual(item.list, [1]);
    assert.deepEqual([first, second], [{ list: [1, 2], at: '1970-01-01T00:00:00.000Z' }, null]);
  });

  it('ends with the error that ended the items, after what came before it', async () => {
    await using far = await openItems(open, async function* () {
      yield 1;
      throw new FlotillaError('SOLD_OUT', { kind: 'conflict', message: 'Too late.', details: { left: 0 } });
    });
    const seen: unknown[] = [];
    await assert.rejects(
      async () => {
        for await (const item of await far.ask()) seen.push(item);
      },
      { code: 'SOLD_OUT', kind: 'conflict', details: { left: 0 } },
    );
    assert.deepEqual(seen, [1]);
  });
}

/** Whether a call is accepted is known before there is any item. */
export function streamsOpenFirst(open: OpenTransport): void {
  it('is open as soon as the far side accepts, also when it has nothing to tell', async () => {
    await using far = await openItems(open, () => silentAfter());
    const caller = new AbortController();
    const items = (await far.ask(undefined, caller.signal))[Symbol.asyncIterator]();
    const first = items.next();
    caller.abort();
    await assert.rejects(first, { code: 'CANCELLED' });
  });

  it('rejects when the far side refuses', async () => {
    const refused = new FlotillaError('NOT_YOURS', { kind: 'forbidden', message: 'No.' });
    await using transport = await open({ contract: suiteContract, call: nothing, subscribe: () => Promise.reject(refused) });
    await assert.rejects(transport.subscribe(suiteCall('echo'), never), { code: 'NOT_YOURS', kind: 'forbidden' });
    await assert.rejects(transport.subscribe(suiteCall('echo'), AbortSignal.abort()), { code: 'CANCELLED' });
    const late = suiteCall('echo', undefined, { remainingMs: 0 });
    await assert.rejects(transport.subscribe(late, never), { code: 'DEADLINE_EXCEEDED' });
  });
}

/** Nobody tells what nobody reads. */
export function itemsAreLeft(open: OpenTransport): void {
  it('tells no faster than is read', async () => {
    await using far = await openItems(open, () => forever('x'.repeat(10_000)));
    let read = 0;
    for await (const _item of await far.ask()) {
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
      assert.ok(far.state.yielded - read < 60, `${far.state.yielded - read} unread`);
      if (++read === 200) break;
    }
    await until(() => far.state.ended === 1);
  });

  it('ends the far side when the reader leaves, aborts, or has no time left', async () => {
    await using far = await openItems(open, () => forever('x'));
    for await (const _item of await far.ask()) break;
    await until(() => far.state.ended === 1);
    const caller = new AbortController();
    const aborted = (await far.ask(undefined, caller.signal))[Symbol.asyncIterator]();
    await aborted.next();
    caller.abort();
    await assert.rejects(
      async () => {
        for (;;) if ((await aborted.next()).done) return;
      },
      { code: 'CANCELLED' },
    );
    await until(() => far.state.ended === 2);
    const late = async (): Promise<unknown> => await collect(await far.ask(undefined, never, { remainingMs: 60 }));
    await assert.rejects(late(), { code: 'DEADLINE_EXCEEDED' });
    await until(() => far.state.ended === 3);
  });

  it('lets a reader leave a far side that is silent, and heeds no signal', async () => {
    await using far = await openItems(open, () => silentAfter('a sign of life'));
    const caller = new AbortController();
    const items = (await far.ask(undefined, caller.signal, { remainingMs: Infinity }))[Symbol.asyncIterator]();
    await items.next();
    const next = items.next();
    caller.abort();
    await assert.rejects(next, { code: 'CANCELLED' });
    await until(() => far.state.reasons.length === 1);
  });

  it('ends streams when it closes, which waits for no end of theirs', async () => {
    const far = await openItems(open, () => silentAfter('a sign of life'));
    const items = (await far.ask())[Symbol.asyncIterator]();
    await items.next();
    const next = items.next();
    await Promise.all([assert.rejects(next, { code: 'STOPPING' }), far[Symbol.asyncDispose]()]);
    await assert.rejects(far.ask(), { code: 'UNAVAILABLE' });
  });
}
