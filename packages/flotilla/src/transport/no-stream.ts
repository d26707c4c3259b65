import { FlotillaError } from '../kernel/index.ts';
import type { Call } from './call.ts';

/** Stands where nothing carries, or gives, answers in parts. Rejects with `NO_STREAM`. */
export async function noStream({ service }: Call): Promise<never> {
  const message = `The service '${service}' gives no answers in parts on this way, which knows whole answers only.`;
  throw new FlotillaError('NO_STREAM', { kind: 'unavailable', retryable: false, message });
}
