import type { Registration } from 'flotilla/discovery';

export const INSTANCES = 1_000;
export const SERVICES = 100;
export const CHANGES_PER_S = 10;

/** One of the crowd. `at` says when it changed, so that whoever sees it knows how old the news is. */
export function member(index: number, at: number, status: Registration['status']): Registration {
  const service = `service-${index % SERVICES}`;
  const url = `http://10.0.${Math.floor(index / 250)}.${index % 250}:8080`;
  return { id: `${service}-${index}`, service, url, version: '1.0.0', weight: 1, metadata: { at: String(at) }, epoch: 1, status };
}
