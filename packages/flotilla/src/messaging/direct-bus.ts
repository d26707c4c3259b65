import { type Duration, durationMs, FlotillaError, isFlotillaError, type Runtime, withTimeout } from '../kernel/index.ts';
import { anonymous, type Caller } from '../security/index.ts';
import { startTrace } from '../telemetry/index.ts';
import type { CallHandler, CallMetadata } from '../transport/index.ts';
import type { Bus } from './bus.ts';
import type { EventMessage } from './event-message.ts';
import { closablePublish } from './publishing.ts';
import { subscriberTargets } from './targets.ts';

export interface DirectBusOptions {
  /** Which events (`service.Name`) each service wants: the subscriptions of the whole system. */
  readonly subscribers: ReadonlyMap<string, readonly string[]>;
  /** The ordinary transport. */
  readonly call: CallHandler;
  readonly runtime: Pick<Runtime, 'clock' | 'random' | 'ids'>;
  /** How long a subscriber may take for a batch; 30 s unless said. */
  readonly timeout?: Duration;
}

const CALLER: Caller = { internal: true, name: 'bus' };

/** The bus without a broker: it hands batches to the subscriber itself, which has handled them when `publish` resolves. */
export function directBus(options: DirectBusOptions): Bus {
  const { subscribers, runtime } = options;
  const timeoutMs = durationMs(options.timeout ?? '30s');

  async function deliver(target: string, batch: readonly EventMessage[], signal: AbortSignal): Promise<void> {
    const onTimeout = (): FlotillaError => deliveryTimeout(target, timeoutMs);
    await withTimeout({ clock: runtime.clock, timeoutMs, signal, onTimeout }, (deadline) =>
      options.call(
        { service: target, operation: '$deliver', input: { batch }, metadata: metadata(runtime, timeoutMs) },
        deadline,
      ),
    );
  }

  /** Messages have no size limit but requests do, so a batch that is too large for one goes in two. */
  async function deliverInParts(target: string, batch: readonly EventMessage[], signal: AbortSignal): Promise<void> {
    try {
      await deliver(target, batch, signal);
    } catch (thrown) {
      if (!isFlotillaError(thrown) || thrown.code !== 'BODY_TOO_LARGE' || batch.length === 1) throw thrown;
      const middle = batch.length >> 1;
      await deliverInParts(target, batch.slice(0, middle), signal);
      await deliverInParts(target, batch.slice(middle), signal);
    }
  }

  const { publish, close } = closablePublish(deliverInParts);
  return {
    description: 'direct',
    ...subscriberTargets(subscribers),
    publish,
    subscribe: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    health: () => ({ status: 'UP' }),
    [Symbol.asyncDispose]: close,
  };
}

function metadata({ random, ids }: Pick<Runtime, 'random' | 'ids'>, remainingMs: number): CallMetadata {
  return { identity: anonymous, caller: CALLER, trace: startTrace(random), correlationId: ids(), remainingMs, attempt: 1 };
}

function deliveryTimeout(target: string, timeoutMs: number): FlotillaError {
  return new FlotillaError('DELIVERY_TIMEOUT', {
    kind: 'timeout',
    message: `${target} did not take a batch of events within ${timeoutMs} ms; it will be sent again.`,
  });
}
