import { FlotillaError } from 'flotilla/kernel';

/** What belongs to one subscriber in NATS. */
export interface Place {
  /** The subscribing service. */
  readonly service: string;
  /** The stream that keeps events until the subscriber has handled them. */
  readonly stream: string;
  /** Where publishers send to. */
  readonly subject: string;
  /** The durable consumer that all instances of the subscriber share. */
  readonly consumer: string;
}

/** Neither a subject's dots and wildcards nor the underscore that joins the parts of a stream's name. */
const NAME = /^[a-z0-9][a-z0-9-]*$/i;

/** Throws `BUS_NAME_INVALID` for names that would mean something else to NATS. */
export function placeOf(system: string, service: string): Place {
  for (const name of [system, service]) if (!NAME.test(name)) throw nameInvalid(name);
  return { service, stream: `${system}_inbox_${service}`, subject: `${system}.inbox.${service}`, consumer: service };
}

function nameInvalid(name: string): FlotillaError {
  return new FlotillaError('BUS_NAME_INVALID', {
    kind: 'invalid',
    message: `'${name}' can't name a system or service on NATS: write letters, digits and dashes.`,
  });
}
