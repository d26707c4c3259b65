import { FlotillaError } from '../../kernel/index.ts';
import { LEASE_TTL_MS, type Registration } from '../instance.ts';
import { factsOf, type InstanceRow } from './rows.ts';

/** What registering comes to: the row to write, or nothing that was not known, which makes it a renewal. */
export type Admission = 'renewal' | Omit<InstanceRow, 'revision'>;

/** Decides about a registration, given the row that is kept under its id. Throws `INSTANCE_SUPERSEDED` and `INSTANCE_ID_TAKEN`. */
export function admit(known: InstanceRow | undefined, registration: Registration, now: number): Admission {
  const { id, service, epoch, status } = registration;
  const listed = known?.gone === null ? known : undefined;
  const alive = listed && !isOver(listed, now) ? listed : undefined;
  if (alive && alive.epoch > epoch) throw superseded(alive);
  if (alive && alive.service !== service) throw taken(alive);

  const facts = factsOf(registration);
  const ttl_ms = registration.ttlMs === 'none' ? null : (registration.ttlMs ?? LEASE_TTL_MS);
  const same = listed?.epoch === epoch ? listed : undefined;
  if (same?.service === service && same.facts === facts && same.status === status && same.ttl_ms === ttl_ms) return 'renewal';
  const times = { registered_at: same?.registered_at ?? now, ttl_ms, expires_at: ttl_ms === null ? null : now + ttl_ms };
  return { id, service, epoch, facts, status, blocked: 0, stale: 0, gone: null, ...times };
}

function isOver({ expires_at }: InstanceRow, now: number): boolean {
  return expires_at !== null && expires_at <= now;
}

function taken({ id, service }: InstanceRow): FlotillaError {
  return new FlotillaError('INSTANCE_ID_TAKEN', {
    kind: 'conflict',
    message: `The id '${id}' belongs to an instance of '${service}'. Give each instance an id of its own.`,
    details: { id, service },
  });
}

function superseded({ id, epoch }: InstanceRow): FlotillaError {
  return new FlotillaError('INSTANCE_SUPERSEDED', {
    kind: 'conflict',
    message: `A newer incarnation of the instance '${id}' is registered. Stop one of the two, or give them ids of their own.`,
    details: { id, epoch },
  });
}
