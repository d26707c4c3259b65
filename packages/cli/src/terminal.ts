import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a command writes. Answers go to standard output, everything else to standard error. */
export interface Terminal {
  /** True when the answer is wanted as JSON. */
  readonly json: boolean;
  print(text: string): void;
  /** One line of JSON. */
  printJson(value: unknown): void;
  /** For people who watch; not part of the answer. */
  note(text: string): void;
  /** Colours text where the output is a terminal and nobody objects (`NO_COLOR`). */
  style(style: Style, text: string): string;
}

export function createTerminal(json: boolean): Terminal {
  return {
    json,
    print: (text) => void process.stdout.write(`${text}\n`),
    printJson: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    style: (style, text) => styleText(style, text, { stream: process.stdout }),
  };
}
