import { FlotillaError } from '../kernel/index.ts';

/**
 * How fit an instance is to be called. `starting` has never been ready, `warning` still answers, `critical` does not, and
 * `draining` finishes what it has and wants nothing new.
 */
export type InstanceStatus = 'starting' | 'passing' | 'warning' | 'critical' | 'draining';

/** Says which incarnation of an instance speaks. Whatever an older incarnation says after a newer one registered is ignored. */
export interface Lease {
  readonly id: string;
  /** A restarted instance that keeps its id comes with a greater epoch, and the greater epoch wins. */
  readonly epoch: number;
}

/** Where and what one running copy of a service is. */
export interface InstanceFacts extends Lease {
  readonly service: string;
  /** Base URL without a trailing slash; for things that do not speak HTTP: `tcp://host:port`. */
  readonly url: string;
  readonly version: string;
  readonly zone?: string | undefined;
  /** Share of the traffic relative to other instances of the service; 0 means none. */
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One running copy of a service as a registry knows it. */
export interface Instance extends InstanceFacts {
  readonly status: InstanceStatus;
  /** Wall-clock milliseconds of the registry. */
  readonly registeredAt: number;
  /** When the lease ends unless it is renewed; undefined for an instance that stays until it is deregistered. */
  readonly expiresAt: number | undefined;
  /** The lease is over, and the instance is held all the same because too many ended at once to be believed. */
  readonly stale: boolean;
}

/** What an instance says about itself when it registers. */
export interface Registration extends InstanceFacts {
  readonly status: InstanceStatus;
  /** How long the lease lasts without a renewal, 30 s unless said; `none` registers until deregistered. */
  readonly ttlMs?: number | 'none' | undefined;
}

export const LEASE_TTL_MS = 30_000;
export const HEARTBEAT_MS = 10_000;

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
// oxlint-disable-next-line no-control-regex -- control bytes are what an id must not hold.
const ID = /^[^\x00-\x1f\x7f]{1,255}$/;
const STATUSES: ReadonlySet<string> = new Set(['starting', 'passing', 'warning', 'critical', 'draining']);
const METADATA_BYTES = 16 * 1024;

/** What is wrong with an instance, one sentence each. Everything that comes in passes here, whoever sent it. */
export function instanceProblems(instance: InstanceFacts & { readonly status: InstanceStatus }): string[] {
  const { id, service, epoch, url, weight, status, metadata } = instance;
  return [
    ...(ID.test(id) ? [] : ['its id must be 1 to 255 characters without control bytes']),
    ...(SERVICE.test(service) ? [] : [`'${service}' is not a service name`]),
    ...(Number.isSafeInteger(epoch) && epoch >= 0 ? [] : [`its epoch ${epoch} is not a whole number from 0 up`]),
    ...(isBaseUrl(url) ? [] : [`'${url}' is not a base URL such as http://host:port`]),
    ...(Number.isFinite(weight) && weight >= 0 ? [] : [`its weight ${weight} is not a number from 0 up`]),
    ...(STATUSES.has(status) ? [] : [`'${status}' is not a status`]),
    ...(JSON.stringify(metadata).length <= METADATA_BYTES ? [] : [`its metadata is larger than ${METADATA_BYTES} bytes`]),
  ];
}

/** Throws `INVALID_INSTANCE` naming every problem. */
export function checkInstance(instance: InstanceFacts & { readonly status: InstanceStatus }): void {
  const problems = instanceProblems(instance);
  if (problems.length === 0) return;
  throw new FlotillaError('INVALID_INSTANCE', {
    kind: 'invalid',
    message: `The instance '${instance.id}' can't be used: ${problems.join('; ')}.`,
    details: { id: instance.id, problems },
  });
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.host !== '' && !text.endsWith('/') && url.search === '' && url.hash === '' && url.username === '';
}
