import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FlotillaError, isFlotillaError } from 'flotilla/kernel';
import type { SystemDefinition } from 'flotilla/system';

/** What a system file says. */
export interface SystemFile {
  readonly definition: SystemDefinition;
  /** What the system's relative paths start from. */
  readonly baseFolder: string;
  /** The first things to try, for people who just started it. */
  readonly hint: ((urls: { gateway: string }) => string) | undefined;
}

/** Loads a system file: its default export, or the one named `system`. */
export async function loadSystemFile(file: string): Promise<SystemFile> {
  const path = resolve(file);
  if (!existsSync(path)) throw broken(file, 'there is no such file');
  const module = await importModule(file, path);
  const definition = [module.default, module.system].find(isSystem);
  if (!definition) throw broken(file, "it exports no system; write `export default system('name', { services })`");
  const hint = typeof module.hint === 'function' ? (module.hint as SystemFile['hint']) : undefined;
  return { definition, baseFolder: dirname(path), hint };
}

async function importModule(file: string, path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    if (isFlotillaError(cause)) throw cause;
    throw broken(file, cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  }
}

function isSystem(value: unknown): value is SystemDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { name, services } = value as Partial<SystemDefinition>;
  return typeof name === 'string' && Array.isArray(services);
}

function broken(file: string, why: string): FlotillaError {
  return new FlotillaError('SYSTEM_FILE_UNUSABLE', { kind: 'invalid', message: `${file} can't be used as a system: ${why}` });
}
