import { glob, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every page that people read. */
export async function pages(): Promise<Page[]> {
  const found: Page[] = [];
  for (const pattern of ['*.md', 'docs/**/*.md', 'bench/*.md', 'packages/*/**/*.md', 'examples/*/**/*.md']) {
    for await (const file of glob(join(root, pattern), { exclude: (name) => name.includes('node_modules') })) {
      found.push({ path: relative(root, file), text: await readFile(file, 'utf8') });
    }
  }
  return found;
}

/** Targets of the links of a page that lead to other files. */
export function links(text: string): string[] {
  return Array.from(text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g), ([, target]) => target!);
}

/** Files and folders of the repository that a page names in code marks. */
export function paths(text: string): string[] {
  return Array.from(text.matchAll(/`((?:packages|examples|bench|scripts|docs)\/[\w./*-]+)`/g), ([, path]) => path!);
}

/** Rows of every table of a page, cell by cell, without the heads. */
export function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const heads = new Set(lines.flatMap((line, index) => (/^\|[\s|:-]+\|$/.test(line) ? [index, index - 1] : [])));
  return lines
    .filter((_line, index) => !heads.has(index))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim()));
}
