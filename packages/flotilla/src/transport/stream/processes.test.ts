import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isFlotillaError, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import { createStreamTransport } from './client-transport.ts';
import { SYSTEM_KEY } from './test/open-server.ts';
import { farCall } from './test/raw-stream.ts';

const never = new AbortController().signal;

/** A process that answers calls until it is killed. */
async function startFar(port = 0): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'test/far-process.ts'), [String(port)]);
  const [said] = (await once(child, 'message')) as [{ port: number }];
  return { child, port: said.port };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a process at the other end that is killed', { timeout: 120_000 }, () => {
  it('costs the calls it had and no other, again and again', async () => {
    let far = await startFar();
    const { port } = far;
    const address = (): string => `http://127.0.0.1:${port}`;
    await using transport = createStreamTransport({ address, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });
    const outcomes = { answered: 0, unsure: 0, notSent: 0 };
    let isLoading = true;
    const lane = async (): Promise<void> => {
      while (isLoading) {
        try {
          assert.equal(await transport.call(farCall('hello'), never), 'hello');
          outcomes.answered++;
        } catch (error) {
          assert.ok(isFlotillaError(error) && error.code === 'UNAVAILABLE', String(error));
          if ((error.details as { sent: boolean }).sent) outcomes.unsure++;
          else outcomes.notSent++;
          await new Promise(setImmediate);
        }
      }
    };
    const lanes = Promise.all(Array.from({ length: 20 }, lane));
    for (let round = 0; round < 5; round++) {
      const { answered, unsure } = outcomes;
      await until(() => outcomes.answered > answered + 1_000);
      await kill(far.child);
      assert.ok(outcomes.unsure <= unsure + 20, 'no more than were in flight');
      far = await startFar(port);
    }
    isLoading = false;
    await lanes;
    assert.ok(outcomes.notSent > 0);
    await kill(far.child);
  });

  it('aborts on this side what a killed caller had asked for', async () => {
    const far = await startFar();
    const { child } = far;
    const address = (): string => `http://127.0.0.1:${far.port}`;
    await using transport = createStreamTransport({ address, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });
    const caller = fork(join(import.meta.dirname, 'test/near-process.ts'), [address()]);
    const waiting = async (): Promise<number> => (await transport.call({ ...farCall(), operation: 'waiting' }, never)) as number;
    await until(async () => (await waiting()) === 100);
    await kill(caller);
    await until(async () => (await waiting()) === 0);
    await kill(child);
  });
});
