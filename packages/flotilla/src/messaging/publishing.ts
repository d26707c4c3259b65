import { FlotillaError, type LinkedSignal, linkSignal } from '../kernel/index.ts';
import type { Bus } from './bus.ts';

/** Publishing that can be closed: batches under way are then aborted and waited for, new ones refused with `BUS_CLOSED`. */
export function closablePublish(publish: Bus['publish']): Pick<Bus, 'publish'> & { close(): Promise<void> } {
  const running = new Map<LinkedSignal, Promise<void>>();
  let closed = false;
  return {
    async publish(target, batch, signal) {
      if (closed) throw busClosed();
      using link = linkSignal(signal);
      const publishing = publish(target, batch, link.signal);
      running.set(link, publishing);
      try {
        await publishing;
      } finally {
        running.delete(link);
      }
    },
    async close() {
      closed = true;
      for (const link of running.keys()) link.abort(busClosed());
      await Promise.allSettled(running.values());
    },
  };
}

function busClosed(): FlotillaError {
  return new FlotillaError('BUS_CLOSED', { kind: 'unavailable', message: 'The bus is closed; the events stay in the log.' });
}
