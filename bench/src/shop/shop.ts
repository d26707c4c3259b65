import { join } from 'node:path';
import { type FlotillaProcess, startFlotilla } from '../flotilla-process.ts';

const SYSTEM = join(import.meta.dirname, '../../../examples/shop/system.ts');

/** The whole reference shop in one process, on a free port. */
export function startShop(dataFolder: string): Promise<FlotillaProcess> {
  return startFlotilla(['dev', SYSTEM, '--port', '0'], dataFolder);
}
