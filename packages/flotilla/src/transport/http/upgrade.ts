import type { Socket } from 'node:net';
import type { RequestHead } from './request-head.ts';

/** Takes over connections that ask for one other protocol. */
export interface Upgrade {
  /** As in the `upgrade` header. */
  readonly protocol: string;
  /** Answers the request on the socket and keeps it; `head` came right behind the request. Throws to have it refused. */
  accept(request: RequestHead, socket: Socket, head: Buffer): void;
  /** Lets connections finish what runs and close; new ones are refused. */
  drain(): void;
}
