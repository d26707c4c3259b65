import { systemRuntime as runtime } from 'flotilla/kernel';
import { openRegistry } from './registry.ts';
import { findRunning, keyOf, notRunning, type Running } from './running.ts';

/**
 * Finds the running system that is meant, on all its machines: as the registry of the store that `FLOTILLA_STORE` names knows it.
 * Where none is named a system has one machine, and is found by its data folder.
 */
export async function findEverywhere(data: string | undefined): Promise<Running> {
  const store = runtime.env['FLOTILLA_STORE'] ?? 'sqlite';
  if (store === 'sqlite') return await findRunning(data);
  const here = await findRunning(data).catch(() => undefined);
  const folder = data ?? here?.folder ?? '.';
  await using registry = await openRegistry({ folder, store });
  const { instances } = await registry.list();
  // What was registered by hand has no process of ours.
  const processes = instances.flatMap(({ service, url, metadata, registeredAt }) => {
    const pid = Number(metadata['pid']);
    return pid > 0 ? [{ system: '', pid, services: [service], internalUrl: url, startedAt: registeredAt }] : [];
  });
  // A system in one process needs no registry.
  const found = processes.length > 0 ? processes : (here?.processes ?? []);
  if (found.length === 0) throw notRunning(data);
  return { folder, key: here?.key ?? (await keyOf(folder)), processes: found };
}
