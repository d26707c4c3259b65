import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFlotillaError, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import type { CallHandler, Transport } from '../call.ts';
import { createStreamTransport } from './client-transport.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { farCall, openRawStream } from './test/raw-stream.ts';

const never = new AbortController().signal;
const transportTo = (address: () => string): Transport =>
  createStreamTransport({ address, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });

describe('draining a server of streams', { timeout: 120_000 }, () => {
  it('loses no call while instances take over from each other under load', async () => {
    const done = new Map<unknown, number>();
    const call: CallHandler = async ({ input }) => {
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
      done.set(input, (done.get(input) ?? 0) + 1);
      return input;
    };
    let current = await openServer({ call });
    await using transport = transportTo(() => current.url);
    let isLoading = true;
    let next = 0;
    const lane = async (): Promise<void> => {
      while (isLoading) {
        const input = next++;
        assert.equal(await transport.call(farCall(input), never), input);
      }
    };
    const lanes = Promise.all(Array.from({ length: 32 }, lane));
    for (let round = 0; round < 10; round++) {
      const from = next;
      await until(() => next > from + 200);
      const old = current;
      current = await openServer({ call });
      await old.drain(10_000);
    }
    isLoading = false;
    await lanes;
    assert.equal(done.size, next);
    assert.ok([...done.values()].every((times) => times === 1));
    await current.drain(1_000);
  });

  it('aborts what did not end within the grace', async () => {
    const reasons: unknown[] = [];
    let running = 0;
    const call: CallHandler = async (_call, signal) => {
      running++;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reasons.push(signal.reason);
    };
    const server = await openServer({ call });
    await using transport = transportTo(() => server.url);
    const calling = transport.call(farCall(), never).catch((error: unknown) => error);
    await until(() => running === 1);
    await server.drain(30);
    await until(() => reasons.length === 1);
    const error = await calling;
    assert.ok(isFlotillaError(error) && error.code === 'UNAVAILABLE');
    assert.deepEqual(error.details, { sent: true });
  });

  it('lets idle clients go, and others who stay after they were told', async () => {
    const server = await openServer({ call: async () => 1 });
    await using transport = transportTo(() => server.url);
    assert.equal(await transport.call(farCall(), never), 1);
    using stubborn = await openRawStream(server.url);
    const draining = server.drain(30);
    const isRefused = (error: { details?: { sent?: boolean } }): boolean => error.details?.sent === false;
    await until(() => transport.call(farCall(), never).then(() => false, isRefused));
    await draining;
    await stubborn.closed;
  });
});
