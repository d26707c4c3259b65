import { type Json, parseJson } from '../../kernel/index.ts';
import { type InstanceFacts, instanceProblems } from '../instance.ts';
import { Refused } from './answer.ts';
import { goDurationMs } from './go-duration.ts';
import { packMeta } from './meta.ts';

/** A check of a service as the agent keeps it. */
export interface CheckDefinition {
  readonly id: string;
  readonly name: string;
  readonly kind: 'ttl' | 'http' | 'tcp';
  /** The URL or `host:port` to ask. */
  readonly target?: string | undefined;
  /** How long a report counts, or the pause between questions. */
  readonly everyMs: number;
  readonly timeoutMs?: number | undefined;
  readonly passes?: number | undefined;
  readonly failures?: number | undefined;
  readonly initial: 'passing' | 'warning' | 'critical';
  /** How long the service may be critical before it is deregistered. */
  readonly deregisterAfterMs?: number | undefined;
}

export interface ServiceDefinition {
  readonly facts: Omit<InstanceFacts, 'epoch'>;
  readonly checks: readonly CheckDefinition[];
}

type Fields = Readonly<Record<string, Json | undefined>>;

/** Reads the body of `/v1/agent/service/register`. Throws `Refused` with what Consul would say. */
export function readDefinition(text: string): ServiceDefinition {
  const body = fieldsOf(parseJson(text), 'Request decode failed');
  const name = textOf(body.Name);
  if (name === '') throw new Refused(400, 'Missing service name');
  const id = textOf(body.ID) || name;
  const listed = Array.isArray(body.Checks) ? body.Checks : [];
  const all = body.Check === undefined || body.Check === null ? listed : [body.Check, ...listed];
  const checks = all.map((check, index) => readCheck(fieldsOf(check, 'Invalid check'), checkId(id, index, all.length)));
  const tags = (Array.isArray(body.Tags) ? body.Tags : []).map(textOf);
  const meta = Object.fromEntries(
    Object.entries(fieldsOf(body.Meta ?? {}, 'Invalid Meta')).map(([key, value]) => [key, textOf(value)]),
  );
  const weight = fieldsOf(body.Weights ?? {}, 'Invalid Weights').Passing ?? 1;
  const facts = {
    id,
    service: name,
    url: urlOf(textOf(body.Address) || '127.0.0.1', typeof body.Port === 'number' ? body.Port : 0),
    version: meta.version ?? 'unknown',
    weight: typeof weight === 'number' ? weight : Number.NaN,
    metadata: packMeta(meta, tags, checks),
  };
  const problems = instanceProblems({ ...facts, epoch: 0, status: 'passing' });
  if (problems.length > 0) throw new Refused(400, `Invalid service: ${problems.join('; ')}`);
  return { facts, checks };
}

/** The status of a service with these checks. */
export function worst(statuses: readonly CheckDefinition['initial'][]): CheckDefinition['initial'] {
  if (statuses.includes('critical')) return 'critical';
  return statuses.includes('warning') ? 'warning' : 'passing';
}

function checkId(service: string, index: number, count: number): string {
  return count === 1 ? `service:${service}` : `service:${service}:${index + 1}`;
}

function readCheck(check: Fields, usualId: string): CheckDefinition {
  const initial = textOf(check.Status) || 'critical';
  if (initial !== 'passing' && initial !== 'warning' && initial !== 'critical') throw new Refused(400, 'Invalid check status');
  const shared = {
    id: textOf(check.CheckID) || usualId,
    name: textOf(check.Name) || `Service '${usualId.slice('service:'.length)}' check`,
    initial,
    timeoutMs: duration(check, 'Timeout'),
    deregisterAfterMs: duration(check, 'DeregisterCriticalServiceAfter'),
    passes: count(check.SuccessBeforePassing),
    failures: count(check.FailuresBeforeCritical),
  } as const;
  const ttl = duration(check, 'TTL');
  if (ttl !== undefined) return { ...shared, kind: 'ttl', everyMs: ttl };
  const everyMs = duration(check, 'Interval');
  if (everyMs === undefined || everyMs < 100) throw new Refused(400, 'Invalid check: TTL or Interval is too short');
  if (textOf(check.HTTP) !== '') return { ...shared, kind: 'http', target: textOf(check.HTTP), everyMs };
  if (textOf(check.TCP) !== '') return { ...shared, kind: 'tcp', target: textOf(check.TCP), everyMs };
  throw new Refused(400, 'Invalid check: only TTL, HTTP and TCP are supported');
}

function duration(check: Fields, field: string): number | undefined {
  const value = check[field];
  if (value === undefined || value === null || value === '') return undefined;
  // Go writes numbers in nanoseconds.
  const milliseconds = typeof value === 'number' ? value / 1e6 : goDurationMs(value);
  if (milliseconds === undefined || milliseconds <= 0) throw new Refused(400, `Invalid check: ${field} is not a duration`);
  return milliseconds;
}

const count = (value: Json | undefined): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function urlOf(address: string, port: number): string {
  const host = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return `http://${host}${port === 0 ? '' : `:${port}`}`;
}

function fieldsOf(value: Json, complaint: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Refused(400, complaint);
}
