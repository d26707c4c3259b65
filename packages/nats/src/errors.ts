import { JetStreamApiError } from '@nats-io/jetstream';
import { AuthorizationError, PermissionViolationError, UserAuthenticationExpiredError } from '@nats-io/transport-node';
import { FlotillaError, isFlotillaError } from 'flotilla/kernel';

/** A failed write to a stream's storage, of which one that is full is the usual kind. */
const STORE_FAILED = 10_077;
const NOT_FOUND_STATUS = 404;
const UNAVAILABLE_STATUS = 503;

/** What NATS throws in our terms: what passes by itself is `BUS_UNAVAILABLE`, what an operator must mend is `BUS_REFUSED`. */
export function toBusError(thrown: unknown): FlotillaError {
  if (isFlotillaError(thrown)) return thrown;
  if (thrown instanceof AuthorizationError || thrown instanceof UserAuthenticationExpiredError) {
    return busRefused('NATS refuses the credentials in the URL of the bus', thrown);
  }
  if (thrown instanceof PermissionViolationError) {
    return busRefused(`NATS does not let this user ${thrown.operation} '${thrown.subject}'`, thrown);
  }
  if (nobodyAnswers(thrown)) {
    return busUnavailable('JetStream does not answer; start nats-server with JetStream and enable it for this account', thrown);
  }
  if (thrown instanceof JetStreamApiError && !passes(thrown)) return busRefused(`NATS refuses: ${thrown.message}`, thrown);
  return busUnavailable(`NATS can't be reached: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
}

/** A server that is starting, or a stream that the next try makes anew. */
function passes({ status, code }: JetStreamApiError): boolean {
  return status === NOT_FOUND_STATUS || (status === UNAVAILABLE_STATUS && code !== STORE_FAILED);
}

/** No JetStream, or no stream, listens there. The client does not export the class of this error. */
export function nobodyAnswers(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'JetStreamNotEnabled';
}

/** The stream keeps as much as it may. */
export function isFull(thrown: unknown): boolean {
  return thrown instanceof JetStreamApiError && thrown.code === STORE_FAILED && /^maximum \w+ exceeded/.test(thrown.message);
}

export function busUnavailable(why: string, cause?: unknown): FlotillaError {
  return new FlotillaError('BUS_UNAVAILABLE', { kind: 'unavailable', message: `${why}. The events stay in the log.`, cause });
}

export function busClosed(): FlotillaError {
  return new FlotillaError('BUS_CLOSED', { kind: 'unavailable', message: 'The bus is closed; the events stay in the log.' });
}

export function messageTooLarge(id: string, sizes: { bytes: number; limit: number }): FlotillaError {
  return new FlotillaError('MESSAGE_TOO_LARGE', {
    kind: 'invalid',
    message: `Event ${id} is ${sizes.bytes} bytes long and NATS takes ${sizes.limit}; raise 'max_payload' of nats-server. What follows waits in the log.`,
  });
}

function busRefused(why: string, cause: unknown): FlotillaError {
  return new FlotillaError('BUS_REFUSED', { kind: 'forbidden', message: `${why}. The events stay in the log.`, cause });
}
