import { once } from 'node:events';
import type { HttpResponse } from '../http-message.ts';
import type { Exchange } from './exchanges.ts';

/**
 * Sends what comes bit by bit, no faster than the client reads, until it ends, the client leaves or the listener drains. The head
 * is sent at once.
 */
export function sendParts(exchange: Exchange, parts: NonNullable<HttpResponse['parts']>, isWanted: boolean): void {
  const { outgoing, controller } = exchange;
  const leave = (): void => void parts.return?.();
  exchange.isOpenEnded = true;
  controller.signal.addEventListener('abort', leave, { once: true });
  if (controller.signal.aborted || !isWanted) leave();
  outgoing.flushHeaders();
  void pump(exchange, parts)
    // Whoever made the parts says in them what went wrong; what it did not foresee shows as an answer that is cut off.
    .catch((error: Error) => (controller.signal.aborted ? undefined : outgoing.destroy(error)))
    .finally(() => {
      controller.signal.removeEventListener('abort', leave);
      outgoing.end();
    });
}

async function pump({ outgoing, controller: { signal } }: Exchange, parts: AsyncIterable<string>): Promise<void> {
  for await (const part of parts) {
    if (signal.aborted) return;
    if (!outgoing.write(part)) await once(outgoing, 'drain', { signal });
  }
}
