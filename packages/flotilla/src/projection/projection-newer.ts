import { FlotillaError } from '../kernel/index.ts';
import type { Projection } from './definition.ts';

/** Somebody else can do it: an instance with the newer code. */
export function projectionNewer({ name, version }: Projection, newer: number): FlotillaError {
  return new FlotillaError('PROJECTION_NEWER', {
    kind: 'unavailable',
    message: `The read model '${name}' has version ${newer} now, and this process can only write version ${version}. Ask an instance with the newer code, and replace this one.`,
  });
}
