import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { layerProblem } from './layers.ts';

const LIBRARY = 'packages/flotilla/src/';
const PACKAGE = join(import.meta.dirname, '../../packages/flotilla/package.json');
const TEST_FILE = /\.test(-d)?\.ts$|\/tests?\//;
/** Files of applications and other packages that may use `testing`: tests, what they share, and benchmarks. */
const USES_TESTING = /\.test(-d)?\.ts$|\/(tests?|testing)\/|^bench\//;

/** Public subpath → file below `src`: `store/sqlite` → `store/sqlite/index.ts`. */
export function publicSubpaths(): Map<string, string> {
  const { exports } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { exports: Record<string, string> };
  return new Map(Object.entries(exports).map(([key, file]) => [key.slice('./'.length), file.slice('./src/'.length)]));
}

const subpaths = publicSubpaths();
const entries = new Set(subpaths.values());

/**
 * Why the file may not import this, or undefined when it may. Paths are relative to the repository.
 * Tests may reach upwards and may use `testing`, but go through the front doors like everybody else.
 */
export function importProblem(file: string, specifier: string): string | undefined {
  if (specifier === 'flotilla' || specifier.startsWith('flotilla/')) return packageProblem(file, specifier);
  if (!specifier.startsWith('.')) return undefined;
  const target = join(dirname(file), specifier);
  if (file.startsWith(LIBRARY)) return libraryProblem(file, target);
  if (target.startsWith(LIBRARY)) return "import Flotilla by its public subpaths: 'flotilla/contract'";
  return neighbourProblem(file, target);
}

function packageProblem(file: string, specifier: string): string | undefined {
  if (file.startsWith(LIBRARY)) return 'inside the library, import by relative path';
  const subpath = specifier.slice('flotilla/'.length);
  if (!subpaths.has(subpath)) return `there is no public subpath '${specifier}'`;
  if (subpath === 'testing' && !USES_TESTING.test(file)) return "'flotilla/testing' is for tests only";
  return undefined;
}

function libraryProblem(file: string, target: string): string | undefined {
  if (!target.startsWith(LIBRARY)) return 'the library imports nothing from outside its own folder';
  const [from, to] = [capabilityOf(file), capabilityOf(target)];
  if (from === to) return undefined;
  if (!entries.has(target.slice(LIBRARY.length))) return `import '${to}' through its index.ts: '../${to}/index.ts'`;
  return TEST_FILE.test(file) ? undefined : layerProblem(from, to);
}

/** Packages know each other by name only; services of one system share its contracts and nothing else. */
function neighbourProblem(file: string, target: string): string | undefined {
  if (rootOf(file) !== rootOf(target)) return 'import other packages by their name';
  if (TEST_FILE.test(file)) return undefined;
  const [from, to] = [placeOf(file), placeOf(target)];
  if (from === undefined || from === to || to === 'contracts') return undefined;
  if (from === 'contracts') return 'contracts hold promises, not logic: they import nothing of the system';
  return `the service in '${from}' may use its own files and the contracts only`;
}

const capabilityOf = (path: string): string => path.slice(LIBRARY.length).split('/')[0]!;
const rootOf = (path: string): string => /^(?:packages|examples)\/[^/]+|^[^/]+/.exec(path)![0];
/** `services/orders` or `contracts` for files that live there; undefined for the rest of an example. */
const placeOf = (path: string): string | undefined => /^examples\/[^/]+\/(contracts|services\/[^/]+)(?:\/|$)/.exec(path)?.[1];
