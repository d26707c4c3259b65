import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { createListener } from '../../transport/index.ts';
import { createConsulApi } from '../consul/index.ts';
import { sqliteRegistry } from '../index.ts';

export interface ConsulPlaceOptions {
  readonly token?: string;
  readonly runtime?: Runtime;
  readonly folder?: string;
}

/** A registry that answers Consul's API on a port of its own. */
export async function openConsulPlace({ token, runtime = systemRuntime, folder }: ConsulPlaceOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const own = folder ?? (await mkdtemp(join(tmpdir(), 'flotilla-consul-')));
  if (folder === undefined) stack.defer(() => rm(own, { recursive: true }));
  const registry = stack.use(sqliteRegistry({ folder: own, runtime }));
  const api = stack.use(createConsulApi({ registry, folder: own, token, runtime, log: silentLogger }));
  const listener = stack.use(
    createListener({ handler: api.handler, encodedSlash: 'keep', runtime: systemRuntime, log: silentLogger }),
  );
  const { url, port } = await listener.start();
  const opened = stack.move();
  return { registry, api, url, port, folder: own, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
