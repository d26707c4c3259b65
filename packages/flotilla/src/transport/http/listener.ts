import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FlotillaError, isFlotillaError, type Runtime, sleep, toFlotillaError } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { HttpHandler, HttpResponse } from '../http-message.ts';
import { stopping } from '../unavailable.ts';
import { type Exchange, Exchanges } from './exchanges.ts';
import { defaultLimits, type ListenerLimits } from './limits.ts';
import { listenOn } from './listen.ts';
import { createServer } from './node-http.ts';
import { type ParserError, refusalOf, refuse } from './refusal.ts';
import { problemResponse } from './problem.ts';
import { clientLeft, readBody } from './request-body.ts';
import { readHead } from './request-head.ts';
import { respond } from './respond.ts';
import type { Upgrade } from './upgrade.ts';

export interface ListenerOptions {
  handler: HttpHandler;
  /** Takes connections that ask for its protocol; every other upgrade is refused. */
  upgrade?: Upgrade;
  /** Loopback unless said. */
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  limits?: Partial<ListenerLimits>;
  /** `keep` lets `%2F` stand in paths as part of a segment; refused unless said. Only where nothing on the way reads paths. */
  encodedSlash?: 'refuse' | 'keep';
  runtime: Runtime;
  log: Logger;
}

/** An HTTP server. Disposing it drains without grace. */
export interface Listener extends AsyncDisposable {
  /** Throws `PORT_IN_USE` when another program has the port. */
  start(): Promise<{ url: string; port: number }>;
  /** Accepts no more connections, lets running requests finish, and closes whatever is left after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** Puts a handler behind a socket: whatever reaches the handler is whole, bounded, normalised and unambiguous. */
export function createListener(options: ListenerOptions): Listener {
  return new NodeListener(options);
}

class NodeListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #server: Server;
  readonly #exchanges = new Exchanges();
  readonly #sockets = new Set<Socket>();
  #draining = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const shouldUpgradeCallback = (incoming: IncomingMessage): boolean => asksFor(incoming, options.upgrade);
    this.#server = createServer({ ...serverOptions(this.#limits), shouldUpgradeCallback });
    this.#server.maxHeadersCount = 0; // Node would drop the fields above its limit; we count and refuse.
    this.#server.on('request', (incoming, outgoing) => void this.#serve(exchangeOf(incoming, outgoing)));
    this.#server.on('checkContinue', (incoming, outgoing) => void this.#serve(exchangeOf(incoming, outgoing)));
    this.#server.on('checkExpectation', (incoming, outgoing) => {
      const error = new FlotillaError('EXPECTATION_FAILED', { kind: 'invalid', message: 'Only 100-continue may be expected.' });
      respond(exchangeOf(incoming, outgoing), problemResponse(error), options.runtime.clock);
    });
    this.#server.on('upgrade', (incoming, socket: Socket, head) => this.#upgrade(incoming, socket, head));
    this.#server.on('connect', (_incoming, socket: Socket) => this.#complain(socket, tunnelRefused()));
    this.#server.on('clientError', (error: ParserError, socket: Socket) => this.#complain(socket, refusalOf(error)));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<{ url: string; port: number }> {
    const { host = '127.0.0.1', port = 0 } = this.#options;
    return await listenOn(this.#server, host, port);
  }

  async #serve(exchange: Exchange): Promise<void> {
    this.#exchanges.begin(exchange);
    exchange.outgoing.once('close', () => {
      if (!exchange.outgoing.writableFinished) exchange.controller.abort(clientLeft());
      this.#exchanges.end(exchange);
      if (this.#draining) this.#server.closeIdleConnections();
    });
    const response = await this.#answer(exchange);
    if (!exchange.outgoing.destroyed && exchange.incoming.socket.writable) this.#send(exchange, response);
  }

  async #answer({ incoming, outgoing, controller }: Exchange): Promise<HttpResponse> {
    try {
      const head = readHead(incoming, { limits: this.#limits, encodedSlash: this.#options.encodedSlash });
      if (incoming.headers.expect !== undefined && Number(incoming.headers['content-length'] ?? 0) <= this.#limits.bodyBytes) {
        outgoing.writeContinue();
      }
      const body = await readBody(incoming, this.#limits.bodyBytes);
      return await this.#options.handler({ ...head, body }, controller.signal);
    } catch (thrown) {
      if (!isFlotillaError(thrown)) this.#options.log.error({ err: thrown }, 'An HTTP handler failed unexpectedly.');
      return problemResponse(thrown, { requestId: this.#options.runtime.ids() });
    }
  }

  #send(exchange: Exchange, response: HttpResponse): void {
    const { clock } = this.#options.runtime;
    if (this.#draining) exchange.outgoing.shouldKeepAlive = false;
    try {
      respond(exchange, response, clock);
    } catch (thrown) {
      this.#options.log.error({ err: thrown }, 'An HTTP handler gave an answer that HTTP does not allow.');
      if (exchange.outgoing.headersSent) exchange.outgoing.destroy();
      else respond(exchange, problemResponse(thrown), clock);
    }
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const { upgrade } = this.#options;
    try {
      const request = readHead(incoming, { limits: this.#limits, protocol: upgrade?.protocol });
      // An answer that is still to come on this connection would end up in the other protocol.
      if (this.#exchanges.mayComplain(socket)) upgrade?.accept(request, socket, head);
      else socket.destroy();
    } catch (thrown) {
      if (!isFlotillaError(thrown)) this.#options.log.error({ err: thrown }, 'An upgrade failed unexpectedly.');
      this.#complain(socket, toFlotillaError(thrown));
    }
  }

  #complain(socket: Socket, error: FlotillaError): void {
    if (!socket.writable || !this.#exchanges.mayComplain(socket)) socket.destroy();
    else refuse(socket, error, this.#options.runtime.clock);
  }

  async drain(graceMs: number): Promise<void> {
    if (!this.#server.listening && !this.#draining) return;
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const exchange of this.#exchanges.all) {
      if (!exchange.outgoing.headersSent) exchange.outgoing.shouldKeepAlive = false;
      // It may have no end.
      if (exchange.isOpenEnded) exchange.controller.abort(stopping());
    }
    this.#options.upgrade?.drain();
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    const grace = new AbortController();
    await Promise.race([closed, sleep(this.#options.runtime.clock, graceMs, grace.signal).catch(() => undefined)]);
    grace.abort();
    for (const { controller } of this.#exchanges.all) controller.abort(stopping());
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
  }
}

function serverOptions(limits: ListenerLimits): Parameters<typeof createServer>[0] & object {
  return {
    // One budget for the parser; the exact limits are checked on what it read.
    maxHeaderSize: limits.headerBytes + limits.urlBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.max(50, Math.min(1_000, limits.headersTimeoutMs / 4, limits.requestTimeoutMs / 4)),
    insecureHTTPParser: false,
    requireHostHeader: false, // Node's own refusal is bare text.
  };
}

function asksFor(incoming: IncomingMessage, upgrade: Upgrade | undefined): boolean {
  return upgrade !== undefined && incoming.headers.upgrade?.toLowerCase() === upgrade.protocol;
}

function exchangeOf(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
  return { incoming, outgoing, controller: new AbortController(), isOpenEnded: false };
}

function tunnelRefused(): FlotillaError {
  const details = { allow: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] };
  return new FlotillaError('METHOD_NOT_ALLOWED', { kind: 'invalid', message: 'This server opens no tunnels.', details });
}
