import type { Instance, Registration, Registry, RegistryEvent } from '../discovery/index.ts';

/** One registry, opened twice as two processes would. */
export interface RegistryPlace extends AsyncDisposable {
  readonly registry: Registry;
  /** The same registry in the eyes of another process. */
  readonly elsewhere: Registry;
  /** Lets that much time pass for both, and whatever is due happen. */
  advance(ms: number): Promise<void>;
}

export interface RegistrySuiteOptions {
  /** Of the registry under test. */
  readonly name: string;
  /** Opens an empty registry of its own for one test. */
  open(): Promise<RegistryPlace>;
}

/** Long enough for a change to reach every watcher. */
export const SEEN_MS = 1_000;
export const TTL_MS = 30_000;
/** A lease and the sweep that notices its end. */
export const OVER_MS = TTL_MS + 8_000;

export function facts(id: string, more: Partial<Registration> = {}): Registration {
  const url = 'http://127.0.0.1:7001';
  return { id, service: 'catalog', url, version: '1.2.0', weight: 1, metadata: {}, epoch: 1, status: 'passing', ...more };
}

/** `catalog-1` to `catalog-n`. */
export function crowd(count: number): Registration[] {
  return Array.from({ length: count }, (_, index) => facts(`catalog-${index + 1}`));
}

export function idsOf(instances: readonly Instance[]): string[] {
  return instances.map(({ id }) => id).toSorted();
}

/** Listens and keeps what it heard. */
export function recorder() {
  const events: RegistryEvent[] = [];
  return {
    listener: (event: RegistryEvent) => void events.push(event),
    events,
    /** One word per piece of news: `snapshot 2`, `put a passing`, `gone a left`, `lost`. */
    words: (): string[] => events.flatMap(wordsOf),
  };
}

function wordsOf(event: RegistryEvent): string[] {
  if (event.kind === 'lost') return ['lost'];
  if (event.kind === 'snapshot') return [`snapshot ${event.instances.length}`];
  return event.changes.map((change) => {
    if (change.kind === 'gone') return `gone ${change.id} ${change.reason}`;
    return `put ${change.instance.id} ${change.instance.status}`;
  });
}
