import { type Json, systemRuntime } from '../../kernel/index.ts';
import type { Renewer } from '../heartbeat/beats.ts';
import { renew } from './leases.ts';
import { RegistryFile } from './registry-file.ts';

/** Opens the registry once more for the heartbeat thread; `options` is the path of its file. */
export function openRenewer(options: Json): Renewer {
  // What `sqliteRegistry` gave to the thread.
  const file = new RegistryFile(options as string, systemRuntime);
  return {
    renew: (lease, vitals) => file.write((sql) => renew(sql, { ...lease, ...vitals }, systemRuntime.clock.now())),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}
