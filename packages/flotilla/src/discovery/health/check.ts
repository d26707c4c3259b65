import type { Finding } from './verdict.ts';

/** What can be asked of an instance. */
export type HealthCheck =
  /** GET of this path below the instance's URL, or of a whole URL: 2xx passes, 429 warns. Redirects are not followed. */
  | { readonly kind: 'http'; readonly path?: string | undefined; readonly url?: string | undefined }
  /** A connection to the instance's host and port, or to those said. */
  | { readonly kind: 'tcp'; readonly host?: string | undefined; readonly port?: number | undefined }
  /** Anything else; what it throws is a failure. */
  | { readonly kind: 'custom'; readonly run: (target: HealthTarget, signal: AbortSignal) => Promise<Finding> };

export interface HealthTarget {
  readonly id: string;
  readonly url: string;
}

/** What a check found, with a sentence for people. */
export interface Report {
  readonly finding: Finding;
  readonly output: string;
}
