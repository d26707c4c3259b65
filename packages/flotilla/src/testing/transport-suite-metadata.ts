import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createClients } from '../client/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import type { CallHandler, CallMetadata } from '../transport/index.ts';
import { suiteContract } from './transport-suite-far-side.ts';
import { type OpenTransport, openSetting, suiteMetadata } from './transport-suite-setting.ts';
import { until } from './until.ts';

/** What belongs to a call goes with it. */
export function metadataTravels(open: OpenTransport): void {
  it('carries identity, caller, trace, correlation, key and attempt', async () => {
    await using setting = await openSetting(open);
    const sent: Partial<CallMetadata> = {
      identity: { subject: 'user 1, ä%', roles: ['admin', 'a,b', 'größe'], scopes: ['orders:write', 'stock:read'] },
      caller: { internal: true, name: 'service:orders' },
      trace: { ...suiteMetadata().trace, tracestate: 'vendor=1' },
      correlationId: 'order-77',
      idempotencyKey: 'key/1:2',
      attempt: 3,
    };
    const { remainingMs: _, ...arrived } = (await setting.send('metadata', undefined, { metadata: sent })) as CallMetadata;
    assert.deepEqual(arrived, sent);
  });

  it('carries that nobody signed in and that there is no key', async () => {
    await using setting = await openSetting(open);
    const { identity, idempotencyKey } = (await setting.send('metadata')) as CallMetadata;
    assert.deepEqual({ ...identity, subject: identity.subject }, { subject: undefined, roles: [], scopes: [] });
    assert.equal(idempotencyKey, undefined);
  });

  it('does not make an internal caller of a gateway', async () => {
    await using setting = await openSetting(open);
    const caller = { internal: false, name: 'gateway' };
    const arrived = (await setting.send('metadata', undefined, { metadata: { caller } })) as CallMetadata;
    assert.deepEqual(arrived.caller, caller);
  });
}

/** A chain of calls is one piece of work with one deadline. */
export function hopsBelongTogether(open: OpenTransport): void {
  it('shrinks the deadline and keeps the trace from hop to hop', async () => {
    const { clock } = systemRuntime;
    const seen: CallMetadata[] = [];
    const relay: CallHandler = async ({ metadata }, signal) => {
      const { remainingMs } = metadata;
      seen.push(metadata);
      if (seen.length === 3) return undefined;
      const deadline = clock.monotonic() + remainingMs;
      await until(() => clock.monotonic() > deadline - remainingMs + 5);
      const context = { ...metadata, idempotencyKey: undefined, deadline, signal };
      return await createClients({
        contracts: { suite: suiteContract },
        call: transport.call,
        context,
        runtime: systemRuntime,
      }).suite.wait();
    };
    await using transport = await open({ contract: suiteContract, call: relay });
    const metadata = { ...suiteMetadata(), remainingMs: 3_000 };
    await transport.call({ service: 'suite', operation: 'wait', input: undefined, metadata }, new AbortController().signal);
    const left = seen.map(({ remainingMs }) => remainingMs);
    assert.ok(left[0]! <= 3_000 && left[1]! <= left[0]! - 5 && left[2]! <= left[1]! - 5, left.join(' '));
    assert.equal(new Set(seen.map(({ trace }) => trace.traceId)).size, 1);
    assert.equal(new Set(seen.map(({ trace }) => trace.spanId)).size, 3);
    assert.ok(seen.every(({ correlationId }) => correlationId === metadata.correlationId));
  });
}
