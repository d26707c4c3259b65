import type { Runtime } from '../../kernel/index.ts';
import { Refused } from './answer.ts';
import { goDurationMs } from './go-duration.ts';

/** Something with an index that rises when it changes. */
export interface Indexed {
  index(): number;
  onChange(callback: () => void): Disposable;
}

export interface BlockingOptions {
  readonly query: URLSearchParams;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly signal: AbortSignal;
}

const DEFAULT_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 10 * 60_000;
/** Consul adds up to a sixteenth, so that those who began to wait together do not come back together. */
const JITTER_SHARE = 1 / 16;

/** Consul's blocking query: with `?index=`, waits until the index is above it or `?wait=` is over. Resolves in any case. */
export async function block(what: Indexed, { query, runtime, signal }: BlockingOptions): Promise<void> {
  const index = Number(query.get('index') ?? 0);
  if (!Number.isSafeInteger(index) || index < 0) throw new Refused(400, 'Invalid index');
  const asked = query.get('wait');
  const waitMs = asked === null || asked === '' ? DEFAULT_WAIT_MS : goDurationMs(asked);
  if (waitMs === undefined) throw new Refused(400, 'Invalid wait time');
  // An index from another life of the registry is answered at once, so that the client starts anew.
  if (index === 0 || what.index() !== index) return;

  const { promise, resolve } = Promise.withResolvers<void>();
  const patience = Math.min(waitMs || DEFAULT_WAIT_MS, LONGEST_WAIT_MS) * (1 + runtime.random.next() * JITTER_SHARE);
  using _timer = runtime.clock.timer(patience, resolve);
  using _watch = what.onChange(() => {
    if (what.index() !== index) resolve();
  });
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
