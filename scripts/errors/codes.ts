import { glob, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Files, relative to the repository, by the code they create. */
export type Codes = Map<string, string[]>;

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

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** Every error code that a piece of source makes. */
export function codesIn(source: string): string[] {
  const code = source.replaceAll(COMMENT, '');
  return FORMS.flatMap((form) => Array.from(code.matchAll(form), (match) => match[1]!));
}

/** Every error code made in the packages. */
export async function codesThrown(): Promise<Codes> {
  const codes: Codes = new Map();
  for await (const file of glob(join(root, 'packages/*/src/**/*.ts'))) {
    if (/\.test(-d)?\.ts$|\/testing\//.test(file)) continue;
    for (const code of new Set(codesIn(await readFile(file, 'utf8')))) {
      codes.set(code, [...(codes.get(code) ?? []), relative(root, file)]);
    }
  }
  return codes;
}

/** The codes of the catalogue in its order: the first cell of each row, as `` | `CODE` | ``. */
export function codesListed(catalogue: string): string[] {
  return Array.from(catalogue.matchAll(new RegExp(`^\\| \`(${CODE})\``, 'gm')), (match) => match[1]!);
}
