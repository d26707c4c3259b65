/** A request as the gateway and the hosts see it: already read, normalised and bounded. */
export interface HttpRequest {
  readonly method: string;
  /** Normalised path without query; starts with `/`. */
  readonly path: string;
  /** Raw query string without `?`; may be empty. */
  readonly query: string;
  /** Lower-case names; a null-prototype object. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when there is none. */
  readonly body: Uint8Array | undefined;
  /** Address of the peer on the other end of the socket; undefined for requests made in the process. */
  readonly remoteAddress: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The values of `set-cookie`, the one header that can't be joined to a single one. */
  readonly cookies?: readonly string[] | undefined;
  readonly body: string | Uint8Array | undefined;
  /** In place of a body: what is sent bit by bit. To leave it, call `return`; it ends at once, also while something is awaited. */
  readonly parts?: AsyncIterableIterator<string> | undefined;
}

/** Anything that answers HTTP without a socket: a service's plain HTTP side, a gateway, a proxy to another process. */
export type HttpHandler = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;
