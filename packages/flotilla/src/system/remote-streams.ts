import { openStream, type OpenStream, pickFrom, type Route } from '../client/index.ts';
import type { Instance } from '../discovery/index.ts';
import type { Attempt, Execute } from '../resilience/index.ts';
import type { ItemsHandler } from '../transport/index.ts';

export interface RemoteStreamsOptions {
  readonly subscribe: ItemsHandler;
  readonly route: Route;
  readonly execute: Execute;
}

/** Streams of a service in other processes, for who has a call in hand: opened under the policy of the service, and never again. */
export function createRemoteStreams({ subscribe, route, execute }: RemoteStreamsOptions): ItemsHandler {
  const pick = pickFrom(route);
  return async (call, signal) => {
    const tryOnce = (attempt: Attempt<Instance>): Promise<OpenStream> =>
      openStream({ subscribe, route, call, life: signal }, attempt);
    return untilClosed(await execute(tryOnce, { idempotent: true, signal, pick }));
  };
}

async function* untilClosed({ items, close }: OpenStream): AsyncGenerator<unknown, void> {
  let failure: unknown;
  try {
    yield* items;
  } catch (thrown) {
    failure = thrown;
    throw thrown;
  } finally {
    close(failure);
  }
}
