import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import type { CallMetadata } from '../transport/index.ts';
import { type OpenTransport, openSetting } from './transport-suite-setting.ts';
import { until } from './until.ts';

/** Nobody works for a caller who is gone. */
export function cancellationReachesTheFarSide(open: OpenTransport): void {
  it('rejects at once when the caller aborts, and aborts the far side', async () => {
    await using setting = await openSetting(open);
    const caller = new AbortController();
    const calling = setting.send('wait', undefined, { signal: caller.signal });
    await until(() => setting.far.calls.length === 1);
    const reason = new FlotillaError('CHANGED_MY_MIND', { kind: 'cancelled', message: 'Never mind.' });
    caller.abort(reason);
    await assert.rejects(calling, reason);
    await until(() => setting.far.aborted.length === 1);
  });

  it('does not send what is aborted already', async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('echo', 1, { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    assert.equal(setting.far.calls.length, 0);
  });
}

/** The time that is left goes along, and ends the work. */
export function deadlinesHold(open: OpenTransport): void {
  it('ends a call at its deadline, and aborts the far side', async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('wait', undefined, { metadata: { remainingMs: 40 } }), {
      code: 'DEADLINE_EXCEEDED',
      kind: 'timeout',
    });
    await until(() => setting.far.aborted.length === setting.far.calls.length);
  });

  for (const remainingMs of [0, -1, NaN]) {
    it(`does not send what has ${remainingMs} ms left`, async () => {
      await using setting = await openSetting(open);
      await assert.rejects(setting.send('echo', 1, { metadata: { remainingMs } }), { code: 'DEADLINE_EXCEEDED' });
      assert.equal(setting.far.calls.length, 0);
    });
  }

  it('tells the far side the time that is left, never more', async () => {
    await using setting = await openSetting(open);
    const { remainingMs } = (await setting.send('metadata', undefined, { metadata: { remainingMs: 90_000 } })) as CallMetadata;
    assert.ok(remainingMs <= 90_000 && remainingMs > 30_000, String(remainingMs));
  });
}

/** Nothing is left behind by a call, and nothing is begun after closing. */
export function transportsTidyUp(open: OpenTransport): void {
  it('leaves no listener on a signal that lives longer than the call', async () => {
    await using setting = await openSetting(open);
    const caller = new AbortController();
    let listeners = 0;
    const add = caller.signal.addEventListener.bind(caller.signal);
    const remove = caller.signal.removeEventListener.bind(caller.signal);
    caller.signal.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add(...given));
    caller.signal.removeEventListener = (...given: Parameters<typeof remove>) => (listeners--, remove(...given));
    await Promise.all(Array.from({ length: 20 }, () => setting.send('echo', 1, { signal: caller.signal })));
    await until(() => listeners === 0);
  });

  it('refuses calls after closing, which waits for those that run', async () => {
    const setting = await openSetting(open);
    const caller = new AbortController();
    const running = setting.send('wait', undefined, { signal: caller.signal });
    await until(() => setting.far.calls.length === 1);
    let closed = false;
    const closing = setting[Symbol.asyncDispose]().then(() => (closed = true));
    await assert.rejects(setting.send('echo', 1), { code: 'UNAVAILABLE', details: { sent: false } });
    assert.equal(closed, false);
    caller.abort();
    await assert.rejects(running, { code: 'CANCELLED' });
    await closing;
  });

  it('does not let a slow call hold up others', async () => {
    await using setting = await openSetting(open);
    const caller = new AbortController();
    const slow = Array.from({ length: 10 }, () => setting.send('wait', undefined, { signal: caller.signal }));
    await until(() => setting.far.calls.length === 10);
    assert.equal(await setting.send('echo', 1), 1);
    caller.abort();
    await Promise.allSettled(slow);
  });
}
