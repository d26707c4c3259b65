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
  readonly body: string | Uint8Array | undefined;
}

/** Anything that answers HTTP without a socket: a service's plain HTTP side, a gateway, a proxy to another process. */
export type HttpHandler = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;
