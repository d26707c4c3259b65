import { FlotillaError } from '../kernel/index.ts';

/** Says where a service listens, as a base URL without a trailing slash; undefined for a service it does not know. */
export type Addresses = (service: string) => string | undefined;

/**
 * Addresses that are written down: `{ inventory: 'http://10.0.0.7:7002' }`. Throws `INVALID_PEERS` naming every entry that is
 * not an http or https base URL.
 */
export function staticPeers(peers: Readonly<Record<string, string>>): Addresses {
  const wrong = Object.entries(peers).filter(([, url]) => !isBaseUrl(url));
  if (wrong.length > 0) {
    const list = wrong.map(([service, url]) => `${service}=${url}`).join(', ');
    throw new FlotillaError('INVALID_PEERS', {
      kind: 'invalid',
      message: `Not an address of a service: ${list}. Write name=http://host:port, without a path.`,
    });
  }
  const addresses = new Map(Object.entries(peers).map(([service, url]) => [service, url.replace(/\/$/, '')]));
  return (service) => addresses.get(service);
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.username === '';
}
