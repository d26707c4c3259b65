import { glob, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Files, relative to the repository, by the code they create. */
export type Codes = Map<string, string[]>;

/** What callers decide on, as the place that makes an error says it or as the catalogue does. */
export interface ErrorFacts {
  readonly code: string;
  readonly kind: string;
  readonly retryable: boolean;
}

const CODE = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*';
/**
 * Codes are literals at the place that makes the error: `new FlotillaError('CODE'`, or the first argument of a local
 * helper whose name says that it makes one (`invalid('CODE'`, `failure('CODE'`, …), or a table's `code: 'CODE'`.
 */
const FORMS = [
  new RegExp(`new FlotillaError(?:<[^>]*>)?\\(\\s*'(${CODE})'`, 'g'),
  new RegExp(`\\bcode: '(${CODE})'`, 'g'),
  new RegExp(`\\b(?:throw|return|reject\\(|=>|=) ?[a-z]\\w*\\(\\s*'(${CODE}_${CODE})'`, 'g'),
];

const FACTS = new RegExp(`new FlotillaError\\(\\s*'(${CODE})',\\s*{\\s*kind: '([a-z-]+)',(?:\\s*retryable: (true|false),)?`, 'g');
const RETRYABLE: ReadonlySet<string> = new Set(['unavailable', 'timeout', 'exhausted']);

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** Every error code that a piece of source makes. */
export function codesIn(source: string): string[] {
  const code = source.replaceAll(COMMENT, '');
  return FORMS.flatMap((form) => Array.from(code.matchAll(form), (match) => match[1]!));
}

/** Kind and retryability of the errors that a piece of source makes where both are literals. */
export function factsIn(source: string): ErrorFacts[] {
  return Array.from(source.matchAll(FACTS), ([, code, kind, retryable]) => {
    return { code: code!, kind: kind!, retryable: retryable === undefined ? RETRYABLE.has(kind!) : retryable === 'true' };
  });
}

/** Every error code made in the packages. */
export async function codesThrown(): Promise<Codes> {
  const codes: Codes = new Map();
  for (const [file, source] of await sources()) {
    for (const code of new Set(codesIn(source))) codes.set(code, [...(codes.get(code) ?? []), file]);
  }
  return codes;
}

export async function factsThrown(): Promise<ErrorFacts[]> {
  return (await sources()).flatMap(([, source]) => factsIn(source));
}

/** Path and text of every file of the packages that is not for tests only. */
async function sources(): Promise<[path: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const file of glob(join(root, 'packages/*/src/**/*.ts'))) {
    if (/\.test(-d)?\.ts$|\/test(?:ing)?\//.test(file)) continue;
    found.push([relative(root, file), await readFile(file, 'utf8')]);
  }
  return found;
}

/** The catalogue in its order: rows that begin `` | `CODE` | kind | yes | ``. */
export function factsListed(catalogue: string): ErrorFacts[] {
  const row = new RegExp(`^\\| \`(${CODE})\` +\\| ([a-z-]+) +\\| (yes|no) +\\|`, 'gm');
  return Array.from(catalogue.matchAll(row), ([, code, kind, again]) => {
    return { code: code!, kind: kind!, retryable: again === 'yes' };
  });
}
