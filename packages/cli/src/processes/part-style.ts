import type { Style, Terminal } from '../terminal.ts';

const COLOURS: readonly Style[] = ['cyan', 'green', 'magenta', 'yellow', 'blue', 'cyanBright', 'greenBright', 'magentaBright'];

/** Gives each part a colour of its own, the same wherever it is named. */
export function partStyles(parts: readonly string[], style: Terminal['style']): (part: string, text: string) => string {
  const colours = new Map(parts.map((part, index) => [part, COLOURS[index % COLOURS.length]!]));
  return (part, text) => style(colours.get(part) ?? 'bold', text);
}
