import { isIP } from 'node:net';
import type { HttpRequest } from '../transport/index.ts';

/** Who stands at the other end, as far as it can be believed. */
export interface Client {
  /** IP address; empty for requests made in the process. */
  readonly address: string;
  readonly protocol: 'http' | 'https';
  readonly host: string;
}

/**
 * The client behind `trustedHops` proxies of our own. Each of them adds the address that it saw at the right end of
 * `x-forwarded-for`; whatever stands further left is the client's own invention.
 */
export function clientOf(request: HttpRequest, trustedHops: number): Client {
  const { headers, remoteAddress = '' } = request;
  const trusted = trustedHops > 0;
  const protocol = trusted && headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const host = (trusted ? headers['x-forwarded-host'] : undefined) ?? headers.host ?? '';
  return { address: plain(addressBehind(headers['x-forwarded-for'], trustedHops) ?? remoteAddress), protocol, host };
}

function addressBehind(forwardedFor: string | undefined, trustedHops: number): string | undefined {
  if (trustedHops === 0 || forwardedFor === undefined) return undefined;
  const seen = forwardedFor.split(',').map((address) => address.trim());
  const address = seen[Math.max(0, seen.length - trustedHops)]!;
  return isIP(address) === 0 ? undefined : address;
}

/** IPv4 in the dress of IPv6 is the same client. */
function plain(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/** What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which one household has to itself. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('%')[0]!.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
