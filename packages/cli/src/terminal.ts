import { styleText } from 'node:util';

export type Style =
  ('bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan') | ('greenBright' | 'magentaBright' | 'cyanBright');

/** Where a command writes. Answers go to standard output, everything else to standard error. */
export interface Terminal {
  /** True when the answer is wanted as JSON. */
  readonly json: boolean;
  /** The answer: as one line of JSON, or as text for people. */
  answer(value: unknown, text: string): void;
  print(text: string): void;
  /** One line of JSON. */
  printJson(value: unknown): void;
  /** For people who watch; not part of the answer. */
  note(text: string): void;
  /** Colours text where the output is a terminal and nobody objects (`NO_COLOR`). */
  style(style: Style, text: string): string;
}

export function createTerminal(json: boolean): Terminal {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  return {
    json,
    answer: (value, text) => print(json ? JSON.stringify(value) : text),
    print,
    printJson: (value) => print(JSON.stringify(value)),
    note: (text) => void process.stderr.write(`${text}\n`),
    style: (style, text) => styleText(style, text, { stream: process.stdout }),
  };
}
