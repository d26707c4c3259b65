import { createInbox } from '@nats-io/transport-node';
import { type Clock, type FlotillaError, untilAborted, withTimeout } from 'flotilla/kernel';
import type { EventMessage } from 'flotilla/messaging';
import type { Health } from 'flotilla/telemetry';
import { busUnavailable, toBusError } from './errors.ts';
import type { Link } from './link.ts';
import { pack } from './pack.ts';
import type { Place } from './place.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import type { Spot } from './receipts.ts';
import { duringSession, type Session } from './session.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const LONG_WAIT_MS = 30_000;
/** Left of a message's size for its headers. */
const HEADER_BYTES = 1_024;

export interface OutletOptions {
  readonly link: Link;
  readonly replicas: number;
  readonly clock: Clock;
}

/** The way out: puts batches into the streams of their subscribers and waits until these have handled them. */
export interface Outlet {
  send(place: Place, batch: readonly EventMessage[], signal: AbortSignal): Promise<void>;
  /** DEGRADED while somebody has not taken what this service sent half a minute ago. */
  health(service: string): Health;
}

export function createOutlet({ link, replicas, clock }: OutletOptions): Outlet {
  /** The same in all sessions: what was put before a connection was lost is still answered. */
  const receiptSubject = createInbox();
  const publishers = new WeakMap<Session, Publisher>();
  const waits = new Set<{ readonly from: string | undefined; readonly to: string; readonly since: number }>();

  function publisherOf(session: Session): Publisher {
    const publisher = publishers.get(session) ?? createPublisher(session, { replicas, receiptSubject, clock });
    publishers.set(session, publisher);
    return publisher;
  }

  async function send(place: Place, batch: readonly EventMessage[], signal: AbortSignal): Promise<void> {
    const session = await connected(link, clock, signal);
    using during = duringSession(session, signal);
    using pending = new DisposableStack();
    const publisher = publisherOf(session);
    const parcels = pack(batch, session.connection.info!.max_payload - HEADER_BYTES);
    const receipts = parcels.map((parcel) => pending.use(publisher.expect(place, parcel)));
    const spots: Spot[] = [];
    // One after the other: what follows one that failed must not overtake it.
    for (const parcel of parcels) spots.push(await publisher.put(place, parcel, during.signal));
    await Promise.all(receipts.map((receipt, index) => receipt.handled(spots[index]!, during.signal)));
  }

  return {
    async send(place, batch, signal) {
      const wait = { from: batch[0]?.source, to: place.service, since: clock.monotonic() };
      waits.add(wait);
      try {
        await untilAborted(signal, send(place, batch, signal));
      } catch (thrown) {
        throw toBusError(thrown);
      } finally {
        waits.delete(wait);
      }
    },
    health(service) {
      const late = [...waits].filter(({ from, since }) => from === `/${service}` && clock.monotonic() - since > LONG_WAIT_MS);
      if (late.length === 0) return { status: 'UP' };
      const names = [...new Set(late.map(({ to }) => to))].join(', ');
      return { status: 'DEGRADED', reason: `Events wait for ${names} for more than ${LONG_WAIT_MS / 1_000} s.` };
    },
  };
}

function connected(link: Link, clock: Clock, signal: AbortSignal): Promise<Session> {
  const onTimeout = (): FlotillaError => busUnavailable(link.health().reason ?? 'NATS does not answer');
  return withTimeout({ clock, timeoutMs: CONNECT_TIMEOUT_MS, signal, onTimeout }, (waiting) => link.session(waiting));
}
