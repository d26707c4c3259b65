import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface Listing<TItem> {
  items: readonly TItem[];
  /** Titles of the columns. */
  heading: readonly string[];
  row: (item: TItem) => readonly string[];
  /** What to say to people when there is nothing. */
  none: string;
}

/** Prints a list: a table for people, one line of JSON per item for scripts. */
export function printList<TItem>(terminal: Terminal, { items, heading, row, none }: Listing<TItem>): void {
  if (terminal.json) {
    for (const item of items) terminal.printJson(item);
    return;
  }
  if (items.length === 0) {
    terminal.note(none);
    return;
  }
  for (const line of table([heading.map((title) => terminal.style('dim', title)), ...items.map(row)])) terminal.print(line);
}
