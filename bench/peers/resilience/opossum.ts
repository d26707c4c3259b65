import { createRequire } from 'node:module';

type Run = () => Promise<unknown>;

export interface OpossumBreaker {
  fire(): Promise<unknown>;
  shutdown(): void;
}

// opossum comes without types; this is the part of its documentation that is used here.
const OpossumBreaker = createRequire(import.meta.url)('opossum') as new (
  action: Run,
  options: { timeout: number | false },
) => OpossumBreaker;

/** The breaker of opossum, at its best: without the timeout that it has unless told. Shut it down: it keeps a timer. */
export function opossumBreaker(work: Run): OpossumBreaker {
  return new OpossumBreaker(work, { timeout: false });
}
