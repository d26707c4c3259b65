import { systemRuntime } from '../../../kernel/index.ts';
import { type Logger, silentLogger } from '../../../telemetry/index.ts';
import type { CallHandler, ItemsHandler } from '../../call.ts';
import { createListener } from '../../http/listener.ts';
import type { HttpHandler } from '../../http-message.ts';
import type { StreamLimits } from '../limits.ts';
import { createStreamServer } from '../server.ts';

export const SYSTEM_KEY = 'a key that only this system knows';

export interface ServerSettings {
  /** Answers calls of the service `far`. */
  readonly call: CallHandler;
  readonly subscribe?: ItemsHandler;
  readonly handler?: HttpHandler;
  readonly limits?: Partial<StreamLimits>;
  readonly port?: number;
  readonly log?: Logger;
}

export interface OpenServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  drain(graceMs: number): Promise<void>;
}

/** A listener with a stream server in it; what comes over plain HTTP is answered with 204. */
export async function openServer({ call, subscribe, ...settings }: ServerSettings): Promise<OpenServer> {
  const { handler = nothing, limits = {}, port = 0, log = silentLogger } = settings;
  const runtime = systemRuntime;
  const upgrade = createStreamServer({
    call: (service) => (service === 'far' ? call : undefined),
    systemKey: SYSTEM_KEY,
    subscribe: (service) => (service === 'far' ? subscribe : undefined),
    limits,
    runtime,
    log,
  });
  const listener = createListener({ handler, upgrade, port, runtime, log });
  const opened = await listener.start();
  return {
    ...opened,
    drain: (graceMs) => listener.drain(graceMs),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

const nothing: HttpHandler = async () => ({ status: 204, headers: {}, body: undefined });
