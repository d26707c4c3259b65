import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request and the answer to it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Ends the work on it. */
  readonly controller: AbortController;
  /** The answer comes in parts, for as long as there are any. */
  isOpenEnded: boolean;
}

/** What a listener has under way, by connection. */
export class Exchanges {
  readonly #bySocket = new Map<Socket, Set<Exchange>>();

  begin(exchange: Exchange): void {
    const { socket } = exchange.incoming;
    const running = this.#bySocket.get(socket);
    if (running) running.add(exchange);
    else this.#bySocket.set(socket, new Set([exchange]));
  }

  end(exchange: Exchange): void {
    const { socket } = exchange.incoming;
    const running = this.#bySocket.get(socket);
    running?.delete(exchange);
    if (running?.size === 0) this.#bySocket.delete(socket);
  }

  get all(): Iterable<Exchange> {
    return this.#bySocket.values().flatMap((running) => running.values());
  }

  /**
   * True when a complaint about the bytes on this connection would be read as the answer to the right request: nothing is
   * under way, or only the very request that is malformed.
   */
  mayComplain(socket: Socket): boolean {
    const [first, second] = this.#bySocket.get(socket) ?? [];
    if (first === undefined) return true;
    return second === undefined && !first.incoming.complete && !first.outgoing.headersSent;
  }
}
