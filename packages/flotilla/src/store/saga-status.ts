import type { SagaStatus } from './sagas.ts';

// What engines must agree on about the states of a saga.

const AT_REST: ReadonlySet<SagaStatus | undefined> = new Set(['stuck', 'done', 'compensated', 'cancelled']);

/** True where a saga goes nowhere by itself, so that nobody keeps a claim on it. */
export function restsIn(status: SagaStatus | undefined): boolean {
  return AT_REST.has(status);
}

/** True where a saga rests and nothing can make it go on. */
export function endsIn(status: SagaStatus | undefined): boolean {
  return restsIn(status) && status !== 'stuck';
}
