import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ExportKind, exportList } from './export-list.ts';

/** Subpath → exported name → kind. */
export type Surface = Record<string, Record<string, ExportKind>>;

const library = join(import.meta.dirname, '../../packages/flotilla');
export const snapshotFile = join(library, 'surface.json');

/** File of each public subpath, from the package's `exports`. */
export async function subpathFiles(): Promise<Map<string, string>> {
  const { exports } = JSON.parse(await readFile(join(library, 'package.json'), 'utf8')) as { exports: Record<string, string> };
  return new Map(Object.entries(exports).map(([key, file]) => [key.replace('./', 'flotilla/'), join(library, file)]));
}

/** What the library exports now. */
export async function readSurface(): Promise<Surface> {
  const surface: Surface = {};
  for (const [subpath, file] of await subpathFiles()) {
    try {
      surface[subpath] = exportList(await readFile(file, 'utf8'));
    } catch (cause) {
      throw new Error(`${file}: ${(cause as Error).message}`, { cause });
    }
  }
  return surface;
}

/** One line per name that came, went or changed its kind. */
export function compareSurfaces(before: Surface, after: Surface): string[] {
  const lines = (surface: Surface): string[] =>
    Object.entries(surface).flatMap(([subpath, names]) =>
      Object.entries(names).map(([name, kind]) => `${subpath}: ${kind} ${name}`),
    );
  const [old, present] = [lines(before), lines(after)];
  const gone = old.filter((line) => !present.includes(line)).map((line) => `- ${line}`);
  const come = present.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...come].toSorted((left, right) => (left.slice(2) < right.slice(2) ? -1 : 1));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && process.argv.includes('--update')) {
  await writeFile(snapshotFile, `${JSON.stringify(await readSurface(), null, 2)}\n`);
}
