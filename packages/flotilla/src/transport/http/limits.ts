/** How much one client may ask of a listener before it is refused. */
export interface ListenerLimits {
  /** All header names and values together; 431 above. */
  readonly headerBytes: number;
  /** 431 above. */
  readonly headerFields: number;
  /** Path and query as sent; 414 above. */
  readonly urlBytes: number;
  /** 413 above, whether the length was declared or not. */
  readonly bodyBytes: number;
  /** Time for the whole head to arrive. */
  readonly headersTimeoutMs: number;
  /** Time for the whole request to arrive, so that a slow sender holds nothing for long. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection stays open; longer than the 60 s of usual balancers, so that they close first. */
  readonly keepAliveTimeoutMs: number;
}

export const defaultLimits: ListenerLimits = {
  headerBytes: 16 * 1024,
  headerFields: 100,
  urlBytes: 8 * 1024,
  bodyBytes: 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 75_000,
};
