import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inspect } from 'node:util';
import { attempt, createClient } from '../client/index.ts';
import { type ErrorKind, isFlotillaError, systemRuntime } from '../kernel/index.ts';
import { suiteContract } from './transport-suite-far-side.ts';
import { type OpenTransport, openSetting, suiteCall, suiteMetadata } from './transport-suite-setting.ts';

const KINDS: readonly ErrorKind[] = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'exhausted',
  'unavailable',
];

/** Errors mean the same on both sides, and no more than they should. */
export function errorsKeepTheirMeaning(open: OpenTransport): void {
  for (const kind of [...KINDS, 'timeout', 'cancelled'] as const) {
    for (const retryable of [true, false]) {
      it(`carries an error of kind ${kind}, ${retryable ? 'worth' : 'not worth'} retrying`, async () => {
        await using setting = await openSetting(open);
        const details = { available: 3, list: [null, { deep: true }] };
        await assert.rejects(setting.send('fail', { code: 'SOME_CODE', kind, retryable, details }), (error) => {
          assert.ok(isFlotillaError(error));
          const { code, message } = error;
          assert.deepEqual(
            { code, kind: error.kind, message, retryable: error.retryable, details: error.details },
            {
              code: 'SOME_CODE',
              kind,
              message: 'Refused on purpose.',
              retryable,
              details,
            },
          );
          return true;
        });
      });
    }
  }
}

/** What a contract declares arrives with its details. */
export function promisedErrorsAreTyped(open: OpenTransport): void {
  it('gives declared errors typed to whoever attempts the call', async () => {
    await using setting = await openSetting(open);
    const context = { ...suiteMetadata(), idempotencyKey: undefined, signal: new AbortController().signal };
    const client = createClient({ contract: suiteContract, call: setting.transport.call, context, runtime: systemRuntime });
    const result = await attempt(client.place({ lines: [{ quantity: 9 }] }));
    assert.ok(!result.ok && result.error.code === 'OUT_OF_STOCK');
    const { available } = result.error.details;
    assert.equal(available, 3);
    assert.equal(setting.far.calls.length, 1);
  });

  it('lists what is wrong with an input, by path', async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('place', { lines: [{ quantity: 1 }, { quantity: 0 }] }), {
      code: 'INVALID_INPUT',
      kind: 'invalid',
      details: { issues: [{ path: 'lines.1.quantity', message: 'must be at least 1' }] },
    });
  });
}

/** Nobody learns from an error how the far side is built. */
export function failuresStayOpaque(open: OpenTransport): void {
  it('shows nothing of an unexpected failure', async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('crash', { message: 'password hunter2' }), (error) => {
      assert.ok(isFlotillaError(error));
      assert.equal(error.code, 'INTERNAL');
      assert.equal(error.kind, 'internal');
      assert.equal(error.retryable, false);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2|far-side/);
      return true;
    });
  });

  it('shows only the code of an internal error', async () => {
    await using setting = await openSetting(open);
    const given = { code: 'INVALID_OUTPUT', kind: 'internal', retryable: false, details: { secret: 'hunter2' } };
    await assert.rejects(setting.send('fail', given), (error) => {
      assert.ok(isFlotillaError(error));
      assert.equal(error.code, 'INVALID_OUTPUT');
      assert.equal(error.details, undefined);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2|on purpose/);
      return true;
    });
  });

  it('rejects an unknown operation as not found', async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('nothing'), { code: 'NO_SUCH_OPERATION', kind: 'not-found' });
  });

  it('rejects an unknown service as unavailable, and is sure that nothing was sent', async () => {
    await using setting = await openSetting(open);
    const call = { ...suiteCall('echo'), service: 'nobody' };
    await assert.rejects(setting.transport.call(call, new AbortController().signal), {
      code: 'UNAVAILABLE',
      kind: 'unavailable',
      retryable: true,
      details: { sent: false },
    });
  });
}
