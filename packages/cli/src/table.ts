import { stripVTControlCharacters } from 'node:util';

/** Columns as wide as their widest cell; the last one runs free. */
export function table(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell));
  const pad = (cell: string, index: number): string => cell + ' '.repeat(widths[index]! - width(cell) + gap);
  return rows.map((row) => row.map(pad).join('').trimEnd());
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
