import { FlotillaError } from '../kernel/index.ts';

/** A call that never left: the caller may be sure that nothing was done. */
export function unreachable(service: string, why: string, cause?: unknown): FlotillaError {
  return new FlotillaError('UNAVAILABLE', {
    kind: 'unavailable',
    message: `The service '${service}' can't be reached: ${why}.`,
    details: { sent: false },
    cause,
  });
}

/** A call whose answer got lost: it may or may not have been carried out. */
export function answerLost(service: string, cause: unknown): FlotillaError {
  return new FlotillaError('UNAVAILABLE', {
    kind: 'unavailable',
    message: `The connection to the service '${service}' broke before it answered.`,
    details: { sent: true },
    cause,
  });
}

/** Why work ends that a stop can not wait for. */
export function stopping(): FlotillaError {
  return new FlotillaError('STOPPING', { kind: 'unavailable', message: 'This process is stopping.' });
}
