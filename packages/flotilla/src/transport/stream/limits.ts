/** How much one side of a stream connection takes. */
export interface StreamLimits {
  /** JSON of one input; the listener's body limit for HTTP. Larger ones are refused before they are sent. */
  readonly inputBytes: number;
  /** JSON of one answer or item. */
  readonly answerBytes: number;
  /** Calls of one connection that may run at once; more are refused. */
  readonly calls: number;
  /** Answers that wait for a slow reader. Above it no more calls are read from that connection, far above it is closed. */
  readonly backlogBytes: number;
}

export const defaultStreamLimits: StreamLimits = {
  inputBytes: 1024 * 1024,
  answerBytes: 16 * 1024 * 1024,
  calls: 10_000,
  backlogBytes: 1024 * 1024,
};
