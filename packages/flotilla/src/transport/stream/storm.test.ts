import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemRuntime, untilAborted } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import type { CallHandler, Transport } from '../call.ts';
import { createStreamTransport } from './client-transport.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { farCall } from './test/raw-stream.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MIB = 1024 * 1024;
const forEver: CallHandler = (_call, signal) => untilAborted(signal, new Promise(() => undefined));
const transportTo = (url: string): Transport =>
  createStreamTransport({ address: () => url, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });

describe('a stream connection in a storm', { timeout: 120_000 }, () => {
  it('carries a hundred thousand calls at once', async () => {
    const all = Promise.withResolvers<void>();
    let running = 0;
    const call: CallHandler = async ({ input }) => {
      if (++running === 100_000) all.resolve();
      await all.promise;
      return input;
    };
    await using server = await openServer({ call, limits: { calls: 100_000 } });
    await using transport = transportTo(server.url);
    const { signal } = new AbortController();
    const calls: Promise<unknown>[] = [];
    while (calls.length < 100_000) {
      calls.push(transport.call(farCall(calls.length, { remainingMs: 60_000 }), signal));
      if (calls.length % 5_000 === 0) await new Promise(setImmediate);
    }
    assert.ok((await Promise.all(calls)).every((output, input) => output === input));
  });

  it('refuses what is above the limit, and is as good as new afterwards', async () => {
    await using server = await openServer({ call: forEver, limits: { calls: 1_000 } });
    await using transport = transportTo(server.url);
    const caller = new AbortController();
    const calls = Array.from({ length: 5_000 }, () => transport.call(farCall(undefined, { remainingMs: 60_000 }), caller.signal));
    let refused = 0;
    for (const one of calls) one.catch(({ code }: { code: string }) => (refused += code === 'TOO_MANY_CALLS' ? 1 : 0));
    await until(() => refused === 4_000);
    caller.abort();
    await Promise.allSettled(calls);
    await assert.rejects(transport.call(farCall(undefined, { remainingMs: 50 }), new AbortController().signal), {
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('keeps nothing of calls that were cancelled, in whatever state', async () => {
    let running = 0;
    const call: CallHandler = async (made, signal) => {
      running++;
      await forEver(made, signal).catch(() => undefined);
      running--;
    };
    await using server = await openServer({ call });
    await using transport = transportTo(server.url);
    const storm = async (calls: number): Promise<void> => {
      for (let done = 0; done < calls; done += 500) {
        const controllers = Array.from({ length: 500 }, () => new AbortController());
        const ends = controllers.map(({ signal }) => transport.call(farCall(), signal));
        const all = Promise.allSettled(ends);
        for (const [index, controller] of controllers.entries()) {
          if (index % 100 === 0) await new Promise(setImmediate);
          controller.abort();
        }
        await all;
      }
      await until(() => running === 0);
    };
    await storm(5_000);
    const before = heapUsed();
    await storm(20_000);
    assert.ok(heapUsed() - before < 4 * MIB, `${(heapUsed() - before) / MIB} MiB more`);
  });

  it('keeps nothing of calls that were answered, under one signal', async () => {
    await using server = await openServer({ call: async ({ input }) => input });
    await using transport = transportTo(server.url);
    const { signal } = new AbortController();
    const run = async (calls: number): Promise<void> => {
      for (let done = 0; done < calls; done += 1_000) {
        await Promise.all(Array.from({ length: 1_000 }, () => transport.call(farCall({ done }), signal)));
      }
    };
    await run(10_000);
    const before = heapUsed();
    await run(50_000);
    assert.ok(heapUsed() - before < 4 * MIB, `${(heapUsed() - before) / MIB} MiB more`);
  });
});

/** After a full collection. */
function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
